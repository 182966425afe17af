#include "bench/websocket_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace bench {
namespace {

[[noreturn]] void fail(char const* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

sockaddr_in to_sockaddr(std::string const& address, std::uint16_t port) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(port);
    if (inet_pton(AF_INET, address.c_str(), &out.sin_addr) != 1) {
        throw std::invalid_argument("not an IPv4 address: " + address);
    }
    return out;
}

void append_frame_header(std::string& out, unsigned opcode, std::size_t size) {
    out.push_back(static_cast<char>(0x80U | opcode));
    if (size < 126) {
        out.push_back(static_cast<char>(0x80U | size));
    } else if (size < 65536) {
        out.push_back(static_cast<char>(0x80U | 126U));
        out.push_back(static_cast<char>(size >> 8));
        out.push_back(static_cast<char>(size & 0xffU));
    } else {
        out.push_back(static_cast<char>(0x80U | 127U));
        for (int shift = 56; shift >= 0; shift -= 8) {
            out.push_back(static_cast<char>((size >> shift) & 0xffU));
        }
    }
    // A masking key of zero is a legal one and leaves the bytes as they are.
    out.append(4, '\0');
}

struct frame_header {
    unsigned opcode = 0;
    std::size_t header_size = 0;
    std::size_t payload_size = 0;
};

// False while the header is incomplete.
bool read_header(std::string_view bytes, frame_header& out) {
    if (bytes.size() < 2) return false;
    auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    out.opcode = byte(0) & 0x0fU;
    std::size_t const small = byte(1) & 0x7fU;
    std::size_t const extra = small == 126 ? 2 : small == 127 ? 8 : 0;
    if (bytes.size() < 2 + extra) return false;
    out.header_size = 2 + extra;
    out.payload_size = extra == 0 ? small : 0;
    for (std::size_t i = 0; i < extra; ++i) out.payload_size = out.payload_size << 8 | byte(2 + i);
    return true;
}

}  // namespace

endpoint parse_url(std::string_view url) {
    auto const bad = [&](char const* why) {
        throw std::invalid_argument("bad URL " + std::string(url) + ": " + why);
    };
    constexpr std::string_view scheme = "ws://";
    if (!url.starts_with(scheme)) bad("expected ws://ADDRESS:PORT/PATH");
    std::string_view rest = url.substr(scheme.size());
    auto const slash = rest.find('/');
    std::string_view const host = rest.substr(0, slash);
    auto const colon = host.rfind(':');
    if (colon == std::string_view::npos) bad("the port is missing");
    endpoint out;
    out.address = host.substr(0, colon) == "localhost" ? "127.0.0.1" : host.substr(0, colon);
    std::string_view const port = host.substr(colon + 1);
    if (std::from_chars(port.data(), port.data() + port.size(), out.port).ec != std::errc{}) {
        bad("the port is not a number");
    }
    out.path = slash == std::string_view::npos ? "/" : rest.substr(slash);
    return out;
}

void websocket_client::send_text(std::string_view message) {
    append_frame_header(out_, 1, message.size());
    out_.append(message);
    if (!dirty_) {
        dirty_ = true;
        loop_->dirty_.push_back(this);
    }
}

client_loop::client_loop() : epoll_(epoll_create1(EPOLL_CLOEXEC)), buffer_(512 * 1024) {
    if (epoll_ < 0) fail("epoll_create1");
}

client_loop::~client_loop() {
    ::close(epoll_);
}

void client_loop::connect(websocket_client& client, endpoint const& to, std::string const& source) {
    client.loop_ = this;
    client.fd_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (client.fd_ < 0) fail("socket");
    int const on = 1;
    setsockopt(client.fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (!source.empty()) {
        setsockopt(client.fd_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
        auto const from = to_sockaddr(source, 0);
        if (bind(client.fd_, reinterpret_cast<sockaddr const*>(&from), sizeof from) != 0)
            fail("bind");
    }
    auto const target = to_sockaddr(to.address, to.port);
    if (::connect(client.fd_, reinterpret_cast<sockaddr const*>(&target), sizeof target) != 0 &&
        errno != EINPROGRESS) {
        fail("connect");
    }
    client.request_ = "GET " + to.path + " HTTP/1.1\r\nHost: " + to.address + ":" +
                      std::to_string(to.port) +
                      "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                      "Sec-WebSocket-Protocol: v12.stomp\r\n\r\n";
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT;
    event.data.ptr = &client;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, client.fd_, &event) != 0) fail("epoll_ctl");
    client.wants_write_ = true;
}

void client_loop::turn(int timeout_ms) {
    std::array<epoll_event, 512> events;
    int const ready =
        epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout_ms);
    for (int i = 0; i < ready; ++i) {
        auto& client =
            *static_cast<websocket_client*>(events[static_cast<std::size_t>(i)].data.ptr);
        auto const what = events[static_cast<std::size_t>(i)].events;
        if (client.state_ == websocket_client::state::closed) continue;
        if ((what & EPOLLOUT) != 0) {
            if (client.state_ == websocket_client::state::connecting) {
                client.state_ = websocket_client::state::handshake;
                client.out_.insert(0, client.request_);
                client.request_.clear();
            }
            flush(client);
        }
        if ((what & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) on_readable(client);
    }
    auto dirty = std::exchange(dirty_, {});
    for (auto* client : dirty) {
        client->dirty_ = false;
        if (client->state_ == websocket_client::state::open) flush(*client);
    }
    dirty.clear();
    if (dirty_.empty()) dirty_ = std::move(dirty);
}

void client_loop::flush(websocket_client& client) {
    while (client.unsent() > 0) {
        auto const sent = ::send(client.fd_, client.out_.data() + client.out_sent_, client.unsent(),
                                 MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno == EAGAIN || errno == EINTR) break;
            close(client, std::strerror(errno));
            return;
        }
        client.out_sent_ += static_cast<std::size_t>(sent);
    }
    bool const wants_write = client.unsent() > 0;
    if (!wants_write) {
        client.out_.clear();
        client.out_sent_ = 0;
    }
    if (wants_write == client.wants_write_) return;
    client.wants_write_ = wants_write;
    epoll_event event{};
    event.events = wants_write ? EPOLLIN | EPOLLOUT : EPOLLIN;
    event.data.ptr = &client;
    epoll_ctl(epoll_, EPOLL_CTL_MOD, client.fd_, &event);
}

void client_loop::on_readable(websocket_client& client) {
    auto const got = recv(client.fd_, buffer_.data(), buffer_.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
        close(client, got == 0 ? "closed by the server" : std::strerror(errno));
        return;
    }
    std::string_view bytes(buffer_.data(), static_cast<std::size_t>(got));
    if (client.partial_.empty()) {
        take_frames(client, bytes);
    } else {
        std::string joined = std::exchange(client.partial_, {});
        joined.append(bytes);
        take_frames(client, joined);
    }
}

void client_loop::take_frames(websocket_client& client, std::string_view bytes) {
    using state = websocket_client::state;
    if (client.state_ == state::handshake) {
        auto const end = bytes.find("\r\n\r\n");
        if (end == std::string_view::npos) {
            client.partial_ = bytes;
            return;
        }
        if (!bytes.starts_with("HTTP/1.1 101")) {
            close(client, bytes.substr(0, bytes.find('\r')));
            return;
        }
        client.state_ = state::open;
        if (client.on_open) client.on_open();
        bytes.remove_prefix(end + 4);
    }
    frame_header header;
    while (client.state_ == state::open && read_header(bytes, header) &&
           bytes.size() >= header.header_size + header.payload_size) {
        std::string_view const payload = bytes.substr(header.header_size, header.payload_size);
        if (header.opcode == 8) {
            close(client, payload.size() > 2 ? payload.substr(2) : "close frame");
            return;
        }
        if (header.opcode == 9) {
            append_frame_header(client.out_, 10, payload.size());
            client.out_.append(payload);
            flush(client);
        } else if (client.on_message) {
            client.on_message(payload);
        }
        bytes.remove_prefix(header.header_size + header.payload_size);
    }
    if (client.state_ == state::open) client.partial_.assign(bytes);
}

void client_loop::close(websocket_client& client, std::string_view reason) {
    client.state_ = websocket_client::state::closed;
    ::close(client.fd_);
    client.fd_ = -1;
    if (client.on_close) client.on_close(reason);
}

}  // namespace bench
