// Measures what a delivery and an idle connection cost this transport, without anything above it.
//
//   transport_fan_out serve [CERTIFICATE KEY]   prints its port, then obeys: mark, report, memory
//   transport_fan_out drive PORT ROOMS SUBSCRIBERS SECONDS [WINDOW]
//   transport_fan_out idle PORT CONNECTIONS [tls]   opens them, waits until its input ends
//
// A publisher of room k is a WebSocket on /publish/k, a subscriber one on /subscribe/k. WINDOW is
// how many messages of a room may be on their way at once.

#include "broker/transport/transport_server.hpp"
#include "tests/transport/socket_client.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace {

namespace net = broker::transport;

constexpr std::size_t body_bytes = 200;

struct room {
    std::vector<net::websocket_connection*> subscribers;
};

struct state {
    std::unordered_map<std::string, room> rooms;
    std::uint64_t deliveries = 0;
    std::string common_head = "MESSAGE\nsubscription:sub-0\n";
};

class subscriber final : public net::websocket_handler {
public:
    explicit subscriber(room& where) : where_(where) {}
    void on_open(net::websocket_connection& connection) override {
        connection_ = &connection;
        where_.subscribers.push_back(&connection);
    }
    void on_message(std::span<char>, net::frame_kind) override {}
    void on_close(std::uint16_t, std::string_view) override {
        std::erase(where_.subscribers, connection_);
    }

private:
    room& where_;
    net::websocket_connection* connection_ = nullptr;
};

class publisher final : public net::websocket_handler {
public:
    publisher(state& all, room& where) : all_(all), where_(where) {}
    void on_open(net::websocket_connection&) override {}
    void on_message(std::span<char> message, net::frame_kind) override {
        auto const head = net::make_payload(all_.common_head);
        auto const tail = net::make_payload(
            "message-id:0123456789\ndestination:/topic/chatroom/17\ncontent-type:application/json\n"
            "content-length:200\n\n" +
            std::string(message.data(), message.size()));
        for (auto* const one : where_.subscribers) one->send(head, tail, net::frame_kind::text);
        all_.deliveries += where_.subscribers.size();
    }
    void on_close(std::uint16_t, std::string_view) override {}

private:
    state& all_;
    room& where_;
};

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    auto const seconds = [](timeval t) { return double(t.tv_sec) + double(t.tv_usec) / 1e6; };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::string memory_line() {
    std::ifstream file("/proc/self/smaps_rollup");
    std::string line;
    while (std::getline(file, line)) {
        if (line.starts_with("Pss:")) return line;
    }
    return {};
}

int serve(std::optional<net::tls_files> tls) {
    net::transport_server server({.loops = 1});
    state all;
    net::http_routes routes;
    net::websocket_options options;
    options.outbound_bytes = 64 * 1024 * 1024;
    routes.add("/subscribe/*", [&](net::http_exchange_ptr const& exchange) {
        auto& where = all.rooms[exchange->request().path.substr(11)];
        exchange->accept_websocket({}, options, std::make_unique<subscriber>(where));
    });
    routes.add("/publish/*", [&](net::http_exchange_ptr const& exchange) {
        auto& where = all.rooms[exchange->request().path.substr(9)];
        exchange->accept_websocket({}, options, std::make_unique<publisher>(all, where));
    });
    std::cout << *server.listen({.tls = std::move(tls)}, routes) << std::endl;
    server.start();
    double cpu_before = 0;
    std::uint64_t before = 0;
    // Commands: "mark" begins a measurement, "report" ends it.
    std::string command;
    while (std::getline(std::cin, command)) {
        if (command == "mark") {
            cpu_before = cpu_seconds();
            before = all.deliveries;
        } else if (command == "report") {
            auto const cpu = cpu_seconds() - cpu_before;
            auto const count = all.deliveries - before;
            std::printf("%llu deliveries, %.3f s CPU, %.3f us each\n",
                        static_cast<unsigned long long>(count), cpu,
                        cpu * 1e6 / double(std::max<std::uint64_t>(count, 1)));
        } else if (command == "memory") {
            std::cout << server.counts().open << " open, " << memory_line();
        }
        std::cout << std::endl;
    }
    return 0;
}

transport_test::socket_client connect(
    std::uint16_t port, std::string const& path,
    transport_test::socket_client::security mode = transport_test::socket_client::security::plain) {
    transport_test::socket_client client(port, mode);
    if (client.upgrade(path).status != 101) throw std::runtime_error("no upgrade");
    return client;
}

int drive(std::uint16_t port, std::size_t rooms, std::size_t subscribers, double seconds,
          std::size_t window) {
    struct peer {
        std::size_t room;
        std::uint64_t bytes;
        bool counts;
    };
    std::vector<transport_test::socket_client> publishers;
    std::vector<transport_test::socket_client> readers;
    std::vector<peer> peers;
    int const epoll = ::epoll_create1(0);
    for (std::size_t r = 0; r < rooms; ++r) {
        auto const name = std::to_string(r);
        publishers.push_back(connect(port, "/publish/" + name));
        for (std::size_t s = 0; s < subscribers; ++s) {
            readers.push_back(connect(port, "/subscribe/" + name));
            epoll_event event{};
            event.events = EPOLLIN;
            event.data.u64 = peers.size();
            peers.push_back({r, 0, s == 0});
            ::epoll_ctl(epoll, EPOLL_CTL_ADD, readers.back().descriptor(), &event);
        }
    }
    auto const message = transport_test::masked_frame(0x81, std::string(body_bytes, 'x'));
    std::string burst;
    for (std::size_t i = 0; i < window; ++i) burst += message;
    std::vector<std::uint64_t> received(rooms), sent(rooms);
    std::uint64_t frame_bytes = 0;
    std::vector<char> buffer(1 << 20);
    auto const end =
        std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::nanoseconds>(
                                               std::chrono::duration<double>(seconds));
    // The first message tells how long a delivered one is.
    publishers[0].send(message);
    sent[0] = 1;
    while (frame_bytes == 0) {
        auto const got = ::recv(readers[0].descriptor(), buffer.data(), buffer.size(), 0);
        frame_bytes = static_cast<std::uint64_t>(got);
        peers[0].bytes = frame_bytes;
    }
    received[0] = 1;
    std::vector<epoll_event> events(1024);
    for (std::size_t r = 0; r < rooms; ++r) {
        publishers[r].send(std::string_view(burst));
        sent[r] += window;
    }
    while (std::chrono::steady_clock::now() < end) {
        int const count = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), 100);
        for (int i = 0; i < count; ++i) {
            auto const index = events[static_cast<std::size_t>(i)].data.u64;
            auto& who = peers[index];
            auto const got = ::recv(readers[index].descriptor(), buffer.data(), buffer.size(), 0);
            if (got <= 0) return 1;
            who.bytes += static_cast<std::uint64_t>(got);
            if (!who.counts) continue;
            received[who.room] = who.bytes / frame_bytes;
            auto const room_for = window - (sent[who.room] - received[who.room]);
            if (room_for * 2 < window) continue;
            publishers[who.room].send(std::string_view(burst).substr(0, room_for * message.size()));
            sent[who.room] += room_for;
        }
    }
    return 0;
}

int idle(std::uint16_t port, std::size_t connections, bool tls) {
    using security = transport_test::socket_client::security;
    std::vector<transport_test::socket_client> clients;
    for (std::size_t i = 0; i < connections; ++i) {
        clients.push_back(connect(port, "/subscribe/" + std::to_string(i % 10),
                                  tls ? security::tls : security::plain));
    }
    std::cout << "open" << std::endl;
    std::string line;
    std::getline(std::cin, line);
    return 0;
}

}  // namespace

int main(int count, char** arguments) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    std::vector<std::string> const words(arguments + 1, arguments + count);
    if (words.size() == 1 && words[0] == "serve") return serve({});
    if (words.size() == 3 && words[0] == "serve") {
        return serve(net::tls_files{words[1], words[2]});
    }
    if (words.size() >= 5 && words[0] == "drive") {
        return drive(static_cast<std::uint16_t>(std::stoul(words[1])), std::stoul(words[2]),
                     std::stoul(words[3]), std::stod(words[4]),
                     words.size() > 5 ? std::stoul(words[5]) : 32);
    }
    if (words.size() >= 3 && words[0] == "idle") {
        return idle(static_cast<std::uint16_t>(std::stoul(words[1])), std::stoul(words[2]),
                    words.size() > 3);
    }
    std::cerr << "usage: transport_fan_out serve [CERTIFICATE KEY] | "
                 "drive PORT ROOMS SUBSCRIBERS SECONDS [WINDOW] | idle PORT CONNECTIONS [tls]\n";
    return 2;
}
