#include "broker/transport/listener.hpp"

#include "broker/transport/loop.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

namespace broker::transport {
namespace {

constexpr int accepts_at_once = 64;
constexpr int backlog = 4096;  // the kernel cuts it to net.core.somaxconn
constexpr std::chrono::milliseconds pause_without_descriptors{500};

boost::system::error_code last_error() {
    return {errno, boost::system::system_category()};
}

struct socket_address {
    sockaddr_storage storage{};
    socklen_t size = 0;
};

boost::system::result<socket_address> parse(std::string const& address, std::uint16_t port) {
    socket_address result;
    sockaddr_in v4{};
    sockaddr_in6 v6{};
    if (::inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        std::memcpy(&result.storage, &v4, sizeof v4);
        result.size = sizeof v4;
        return result;
    }
    if (::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        std::memcpy(&result.storage, &v6, sizeof v6);
        result.size = sizeof v6;
        return result;
    }
    return boost::system::error_code(EINVAL, boost::system::system_category());
}

// Bytes of a connection that the kernel takes beyond what it may send at once. The rest waits in
// the connection's queue, where it is counted against its bound: left alone the kernel takes
// megabytes for a client that does not read, and nobody has counted them.
constexpr int unsent_in_kernel = 128 * 1024;

void set(int descriptor, int level, int option, int value) {
    ::setsockopt(descriptor, level, option, &value, sizeof value);
}

boost::system::result<int> bound_socket(socket_address const& address, bool shared) {
    int const descriptor = ::socket(address.storage.ss_family,
                                    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (descriptor < 0) return last_error();
    set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
    if (shared) set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1);
    if (::bind(descriptor, reinterpret_cast<sockaddr const*>(&address.storage), address.size) !=
        0) {
        auto const error = last_error();
        ::close(descriptor);
        return error;
    }
    return descriptor;
}

int open_spare() {
    return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

}  // namespace

boost::system::result<int> open_listening_socket(std::string const& address, std::uint16_t port) {
    auto const parsed = parse(address, port);
    if (!parsed) return parsed.error();
    auto const bound = bound_socket(*parsed, true);
    if (!bound) return bound.error();
    // Accepted sockets inherit them: no system call for each.
    set(*bound, IPPROTO_TCP, TCP_NODELAY, 1);
    set(*bound, IPPROTO_TCP, TCP_NOTSENT_LOWAT, unsent_in_kernel);
    if (::listen(*bound, backlog) != 0) {
        auto const error = last_error();
        ::close(*bound);
        return error;
    }
    return *bound;
}

boost::system::error_code check_port_is_free(std::string const& address, std::uint16_t port) {
    auto const parsed = parse(address, port);
    if (!parsed) return parsed.error();
    auto const bound = bound_socket(*parsed, false);
    if (!bound) return bound.error();
    ::close(*bound);
    return {};
}

boost::system::result<std::uint16_t> local_port(int descriptor) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
        return last_error();
    }
    return peer_address::from(storage).port;
}

accepter::accepter(connection_host& host, int descriptor, std::shared_ptr<tls_context const> tls,
                   factory make, turned_away_texts const& refusals)
    : host_(host),
      descriptor_(descriptor),
      spare_(open_spare()),
      tls_(std::move(tls)),
      make_(std::move(make)),
      refusals_(refusals) {}

accepter::~accepter() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (spare_ >= 0) ::close(spare_);
}

void accepter::start() {
    host_.home().sockets().add(descriptor_, EPOLLIN, *this);
}

void accepter::stop() {
    if (descriptor_ < 0) return;
    while (accept_one()) {
    }
    host_.home().timers().cancel(*this);
    ::close(std::exchange(descriptor_, -1));
}

void accepter::on_ready(std::uint32_t) {
    for (int i = 0; i < accepts_at_once && descriptor_ >= 0; ++i) {
        if (!accept_one()) return;
    }
}

void accepter::on_deadline(steady_time) {
    if (spare_ < 0) spare_ = open_spare();
    if (descriptor_ >= 0) host_.home().sockets().modify(descriptor_, EPOLLIN, *this);
}

// False when nobody is waiting, or nobody can be taken for now.
bool accepter::accept_one() {
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    int const accepted = ::accept4(descriptor_, reinterpret_cast<sockaddr*>(&from), &size,
                                   SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted < 0) {
        switch (errno) {
            case EMFILE:
            case ENFILE:
            case ENOBUFS:
            case ENOMEM: return out_of_descriptors();
            case EAGAIN: return false;
            // The connection broke while it waited (accept(2), "Error handling").
            default: return errno != EBADF && errno != EINVAL;
        }
    }
    auto& shared = host_.shared();
    auto const open = shared.open.fetch_add(1, std::memory_order_relaxed);
    auto const peer = peer_address::from(from);
    auto const most = shared.max_connections.load(std::memory_order_relaxed);
    bool const room = most == 0 || open < most;
    auto seat = room && asks_ && shared.admit ? shared.admit(peer) : limiting::socket_seat();
    if (!room || !seat) {
        shared.open.fetch_sub(1, std::memory_order_relaxed);
        turn_away(accepted, room ? refusals_.address_full : refusals_.node_full);
        return true;
    }
    ssl_ptr session;
    if (tls_ != nullptr) {
        session = tls_->new_session(accepted);
        if (session == nullptr) {
            shared.open.fetch_sub(1, std::memory_order_relaxed);
            ::close(accepted);
            return true;
        }
    }
    shared.accepted.fetch_add(1, std::memory_order_relaxed);
    byte_stream stream(accepted, std::move(session));
    stream.keep(std::move(*seat));
    make_(host_, std::move(stream), peer);
    return true;
}

void accepter::turn_away(int descriptor, std::string_view text) noexcept {
    host_.shared().refused.fetch_add(1, std::memory_order_relaxed);
    if (tls_ == nullptr) {
        ::send(descriptor, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        ::shutdown(descriptor, SHUT_WR);
        // What the client has sent by now is read, or the answer would be lost to a reset.
        auto& buffer = host_.home().read_buffer();
        while (::recv(descriptor, buffer.data(), buffer.size(), MSG_DONTWAIT) > 0) {
        }
    }
    ::close(descriptor);
}

// With the spare descriptor one client can be told at once that there is no room, instead of
// waiting in the backlog. Then a pause: those that end meanwhile make room.
bool accepter::out_of_descriptors() {
    if (spare_ >= 0) {
        ::close(std::exchange(spare_, -1));
        int const accepted = ::accept4(descriptor_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (accepted >= 0) turn_away(accepted, refusals_.node_full);
        spare_ = open_spare();
        if (accepted >= 0 && spare_ >= 0) return true;
    }
    host_.home().sockets().modify(descriptor_, 0, *this);
    host_.home().timers().set(*this, host_.home().now() + pause_without_descriptors);
    return false;
}

}  // namespace broker::transport
