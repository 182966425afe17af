#include "jwks_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>

jwks_server::jwks_server(std::string body) : body_(std::move(body)) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket_, generic, size) != 0 || ::listen(socket_, 16) != 0 ||
        ::getsockname(socket_, generic, &size) != 0) {
        throw std::runtime_error("no port for the key server");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
}

jwks_server::~jwks_server() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
}

std::string jwks_server::address(std::string const& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
}

void jwks_server::answer(std::string body, unsigned status) {
    {
        std::lock_guard lock(mutex_);
        body_ = std::move(body);
        location_.clear();
        status_ = status;
        stalled_ = false;
    }
    changed_.notify_all();
}

void jwks_server::redirect_to(std::string location) {
    std::lock_guard lock(mutex_);
    location_ = std::move(location);
    status_ = 302;
}

void jwks_server::stall() {
    std::lock_guard lock(mutex_);
    stalled_ = true;
}

void jwks_server::wait_for_requests(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return requests_ >= count; });
}

std::string jwks_server::response() {
    std::unique_lock lock(mutex_);
    ++requests_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !stalled_ || stopping_; });
    auto head = "HTTP/1.1 " + std::to_string(status_) + " X\r\nConnection: close\r\n";
    if (!location_.empty()) head += "Location: " + location_ + "\r\n";
    return head + "Content-Length: " + std::to_string(body_.size()) + "\r\n\r\n" + body_;
}

void jwks_server::serve() {
    while (true) {
        int const peer = ::accept(socket_, nullptr, nullptr);
        if (peer < 0) return;
        std::string request;
        std::array<char, 4096> buffer{};
        while (request.find("\r\n\r\n") == std::string::npos) {
            auto const got = ::recv(peer, buffer.data(), buffer.size(), 0);
            if (got <= 0) break;
            request.append(buffer.data(), static_cast<std::size_t>(got));
        }
        auto const text = response();
        std::size_t sent = 0;
        while (sent < text.size()) {
            auto const wrote = ::send(peer, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
            if (wrote <= 0) break;
            sent += static_cast<std::size_t>(wrote);
        }
        ::close(peer);
    }
}
