#include "tests/transport/socket_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace transport_test {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

[[noreturn]] void fail(char const* what) {
    throw std::system_error(errno, std::system_category(), what);
}

}  // namespace

std::string http_answer::header(std::string_view name) const {
    std::string lowered = "\r\n" + std::string(name) + ":";
    std::transform(lowered.begin(), lowered.end(), lowered.begin(), lower);
    auto text = head;
    std::transform(text.begin(), text.end(), text.begin(), lower);
    auto const at = text.find(lowered);
    if (at == std::string::npos) return {};
    auto const from = head.find_first_not_of(' ', at + lowered.size());
    return head.substr(from, head.find("\r\n", from) - from);
}

unsigned websocket_frame::close_code() const {
    if (payload.size() < 2) return 1005;
    return static_cast<unsigned char>(payload[0]) * 256u + static_cast<unsigned char>(payload[1]);
}

std::string masked_frame(unsigned first, std::string_view payload, std::uint32_t mask) {
    std::string frame(1, static_cast<char>(first));
    auto const size = payload.size();
    if (size <= 125) {
        frame += static_cast<char>(0x80 | size);
    } else {
        std::size_t const width = size <= 0xFFFF ? 2 : 8;
        frame += static_cast<char>(0x80 | (width == 2 ? 126 : 127));
        for (auto i = width; i-- > 0;) frame += static_cast<char>(size >> (8 * i));
    }
    std::array<char, 4> key;
    for (std::size_t i = 0; i < 4; ++i) key[i] = static_cast<char>(mask >> (8 * i));
    frame.append(key.data(), key.size());
    auto const from = frame.size();
    frame += payload;
    for (std::size_t i = 0; i < size; ++i) {
        frame[from + i] = static_cast<char>(frame[from + i] ^ key[i % 4]);
    }
    return frame;
}

std::string close_payload(unsigned code, std::string_view reason) {
    std::string payload{static_cast<char>(code >> 8), static_cast<char>(code)};
    return payload.append(reason);
}

struct socket_client::tls_session {
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{SSL_CTX_new(TLS_client_method()),
                                                              SSL_CTX_free};
    std::unique_ptr<SSL, decltype(&SSL_free)> session{SSL_new(context.get()), SSL_free};
};

socket_client::socket_client(std::uint16_t port, security mode, int receive_buffer_bytes)
    : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (descriptor_ < 0) fail("socket");
    if (receive_buffer_bytes > 0) {
        ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
                     sizeof receive_buffer_bytes);
    }
    connect(port);
    if (mode == security::plain) return;
    tls_ = std::make_unique<tls_session>();
    static constexpr std::array<unsigned char, 9> protocol{8,   'h', 't', 't', 'p',
                                                           '/', '1', '.', '1'};
    SSL_set_alpn_protos(tls_->session.get(), protocol.data(), protocol.size());
    SSL_set_fd(tls_->session.get(), descriptor_);
    if (SSL_connect(tls_->session.get()) != 1) throw std::runtime_error("TLS handshake");
}

socket_client::socket_client(int descriptor, std::uint16_t port) : descriptor_(descriptor) {
    connect(port);
}

void socket_client::connect(std::uint16_t port) {
    timeval const limit{20, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    int const on = 1;
    ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(descriptor_, reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0) {
        fail("connect");
    }
}

socket_client::socket_client(socket_client&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      tls_(std::move(other.tls_)),
      unread_(std::move(other.unread_)) {}

socket_client::~socket_client() {
    close();
}

void socket_client::close(bool reset) {
    if (descriptor_ < 0) return;
    if (reset) {
        linger const at_once{1, 0};
        ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    } else if (tls_ != nullptr) {
        SSL_shutdown(tls_->session.get());
    }
    ::close(std::exchange(descriptor_, -1));
}

void socket_client::half_close() {
    ::shutdown(descriptor_, SHUT_WR);
}

void socket_client::send(std::string_view bytes) {
    while (!bytes.empty()) {
        ssize_t sent = 0;
        if (tls_ != nullptr) {
            sent = SSL_write(tls_->session.get(), bytes.data(), static_cast<int>(bytes.size()));
        } else {
            sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        }
        // A process that was stopped and goes on is interrupted in a call with a time limit.
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) fail("send");
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

// Empty at the end of the stream.
std::string socket_client::receive_some() {
    std::string buffer(64 * 1024, '\0');
    if (tls_ != nullptr) {
        int got = 0;
        do {
            errno = 0;
            got = SSL_read(tls_->session.get(), buffer.data(), static_cast<int>(buffer.size()));
        } while (got <= 0 && errno == EINTR);
        if (got > 0) return buffer.substr(0, static_cast<std::size_t>(got));
        if (errno == EAGAIN) throw std::runtime_error("nothing came for 20 s");
        return {};
    }
    ssize_t got = 0;
    do {
        got = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        if (errno == EAGAIN) throw std::runtime_error("nothing came for 20 s");
        fail("recv");
    }
    buffer.resize(static_cast<std::size_t>(got));
    return buffer;
}

std::string socket_client::receive() {
    if (!unread_.empty()) return std::exchange(unread_, {});
    return receive_some();
}

std::string socket_client::receive_exactly(std::size_t bytes) {
    while (unread_.size() < bytes) {
        auto const more = receive_some();
        if (more.empty()) throw std::runtime_error("the stream ended too early: " + unread_);
        unread_ += more;
    }
    auto result = unread_.substr(0, bytes);
    unread_.erase(0, bytes);
    return result;
}

std::string socket_client::receive_until(std::string_view end) {
    std::size_t at = 0;
    while ((at = unread_.find(end)) == std::string::npos) {
        auto const more = receive_some();
        if (more.empty()) throw std::runtime_error("the stream ended too early: " + unread_);
        unread_ += more;
    }
    return receive_exactly(at + end.size());
}

std::string socket_client::receive_to_end() {
    auto result = std::exchange(unread_, {});
    for (;;) {
        auto const more = receive_some();
        if (more.empty()) return result;
        result += more;
    }
}

bool socket_client::ended_orderly() {
    try {
        receive_to_end();
        return true;
    } catch (std::system_error const&) {
        return false;
    }
}

http_answer socket_client::receive_answer(bool to_head) {
    http_answer answer;
    answer.head = receive_until("\r\n\r\n");
    answer.status = static_cast<unsigned>(std::stoul(answer.head.substr(9, 3)));
    if (to_head || answer.status == 204 || answer.status == 304 || answer.status < 200) {
        return answer;
    }
    if (auto const length = answer.header("Content-Length"); !length.empty()) {
        answer.body = receive_exactly(std::stoul(length));
    } else if (answer.header("Transfer-Encoding") == "chunked") {
        for (;;) {
            auto const size = std::stoul(receive_until("\r\n"), nullptr, 16);
            auto const piece = receive_exactly(size + 2);
            if (size == 0) break;
            ++answer.chunks;
            answer.body += piece.substr(0, size);
        }
    } else {
        answer.body = receive_to_end();
    }
    return answer;
}

http_answer socket_client::upgrade(std::string_view path, std::string_view more_headers) {
    std::string request = "GET ";
    request += path;
    request +=
        " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    request += more_headers;
    request += "\r\n";
    send(request);
    return receive_answer();
}

void socket_client::send_frame(unsigned first, std::string_view payload) {
    send(masked_frame(first, payload));
}

websocket_frame socket_client::receive_frame() {
    websocket_frame frame;
    auto const head = receive_exactly(2);
    frame.first = static_cast<unsigned char>(head[0]);
    auto size = static_cast<std::uint64_t>(static_cast<unsigned char>(head[1]));
    if (size >= 126) {
        auto const wide = receive_exactly(size == 126 ? 2 : 8);
        size = 0;
        for (char const byte : wide) size = size << 8 | static_cast<unsigned char>(byte);
    }
    frame.payload = receive_exactly(size);
    return frame;
}

std::string socket_client::certificate_serial() const {
    std::unique_ptr<X509, decltype(&X509_free)> const certificate(
        SSL_get1_peer_certificate(tls_->session.get()), X509_free);
    auto* const number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate.get()), nullptr);
    char* const text = BN_bn2hex(number);
    std::string result = text;
    OPENSSL_free(text);
    BN_free(number);
    return result;
}

std::string socket_client::tls_version() const {
    return SSL_get_version(tls_->session.get());
}

std::string socket_client::alpn() const {
    unsigned char const* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(tls_->session.get(), &name, &size);
    return {reinterpret_cast<char const*>(name), size};
}

no_descriptors_left::no_descriptors_left(int sockets) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit_ = limit.rlim_cur;
    for (int i = 0; i < sockets; ++i) {
        sockets_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    }
    limit.rlim_cur = 256;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    for (int filler = 0; (filler = ::dup(0)) >= 0;) fillers_.push_back(filler);
}

no_descriptors_left::~no_descriptors_left() {
    for (int const one : sockets_) ::close(one);
    for (int const one : fillers_) ::close(one);
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit_;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

socket_client no_descriptors_left::connect(std::uint16_t port) const {
    int const kept = sockets_.back();
    sockets_.pop_back();
    return {kept, port};
}

}  // namespace transport_test
