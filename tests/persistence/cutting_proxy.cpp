#include "tests/persistence/cutting_proxy.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>
#include <vector>

namespace tests {

namespace {

struct address {
    explicit address(int port) {
        value.sin_family = AF_INET;
        value.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        value.sin_port = htons(static_cast<std::uint16_t>(port));
    }
    sockaddr* generic() { return reinterpret_cast<sockaddr*>(&value); }
    sockaddr_in value{};
    socklen_t size = sizeof(sockaddr_in);
};

}  // namespace

cutting_proxy::cutting_proxy(int server_port) : server_port_(server_port) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address own(0);
    if (bind(listener_, own.generic(), own.size) != 0 || listen(listener_, 16) != 0 ||
        getsockname(listener_, own.generic(), &own.size) != 0 || pipe2(wake_, O_CLOEXEC) != 0) {
        throw std::runtime_error("cutting_proxy");
    }
    port_ = ntohs(own.value.sin_port);
    thread_ = std::thread([this] { serve(); });
}

cutting_proxy::~cutting_proxy() {
    close(wake_[1]);
    thread_.join();
    close(wake_[0]);
    close(listener_);
}

void cutting_proxy::cut_at(side from, std::string bytes) {
    strike_at(from, std::move(bytes), then::cut);
}

void cutting_proxy::cut_and_stay_away(side from, std::string bytes) {
    strike_at(from, std::move(bytes), then::stay_away);
}

void cutting_proxy::stall_at(side from, std::string bytes) {
    strike_at(from, std::move(bytes), then::stall);
}

void cutting_proxy::strike_at(side from, std::string bytes, then what) {
    std::lock_guard guard(mutex_);
    side_ = from;
    trigger_ = std::move(bytes);
    then_ = what;
}

cutting_proxy::fate cutting_proxy::forward(int from, int to, side which) {
    std::array<char, 65536> buffer;
    auto const size = recv(from, buffer.data(), buffer.size(), 0);
    if (size <= 0) return fate::ended;
    if (to < 0 || stalls_) return fate::stalled;
    auto const end = buffer.begin() + size;
    {
        std::lock_guard guard(mutex_);
        if (which == side_ && !trigger_.empty() &&
            std::search(buffer.begin(), end, trigger_.begin(), trigger_.end()) != end) {
            trigger_.clear();
            if (then_ == then::stay_away) away_ = true;
            if (then_ == then::stall) stalls_ = true;
            ++cuts_;
            return then_ == then::stall ? fate::stalled : fate::ended;
        }
    }
    for (ssize_t sent = 0; sent != size;) {
        auto const step =
            send(to, buffer.data() + sent, static_cast<std::size_t>(size - sent), MSG_NOSIGNAL);
        if (step <= 0) return fate::ended;
        sent += step;
    }
    return fate::open;
}

void cutting_proxy::serve() {
    std::vector<std::pair<int, int>> pairs;  // client, server or -1 where it stalls
    for (;;) {
        std::vector<pollfd> watched{{wake_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
        for (auto const& [client, server] : pairs) {
            watched.push_back({client, POLLIN, 0});
            watched.push_back({server, POLLIN, 0});
        }
        if (poll(watched.data(), watched.size(), -1) < 0) continue;
        if (watched[0].revents != 0) break;
        for (std::size_t i = pairs.size(); i-- != 0;) {
            auto& [client, server] = pairs[i];
            auto found = fate::open;
            if (watched[2 + 2 * i].revents != 0) found = forward(client, server, side::client);
            if (found == fate::open && watched[3 + 2 * i].revents != 0)
                found = forward(server, client, side::server);
            if (found == fate::open) continue;
            if (server >= 0) close(std::exchange(server, -1));
            if (found == fate::stalled) continue;
            close(client);
            pairs.erase(pairs.begin() + static_cast<std::ptrdiff_t>(i));
        }
        if (watched[1].revents != 0) {
            int const client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (away_) {
                close(client);
                continue;
            }
            if (stalls_) {
                pairs.emplace_back(client, -1);
                continue;
            }
            int const server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            address there(server_port_);
            if (connect(server, there.generic(), there.size) == 0) {
                pairs.emplace_back(client, server);
            } else {
                close(client);
                close(server);
            }
        }
    }
    for (auto const& [client, server] : pairs) {
        close(client);
        if (server >= 0) close(server);
    }
}

}  // namespace tests
