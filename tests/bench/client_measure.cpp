#include "bench/client/client_loop.hpp"
#include "bench/client/endpoint.hpp"
#include "bench/client/stomp_client.hpp"
#include "bench/client/websocket_codec.hpp"
#include "bench/client/websocket_handshake.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

// What the bench's clients cost. Run by hand:
//   bench_client_measure receive [MESSAGES]    CPU of the client's thread per MESSAGE of 200 bytes
//   bench_client_measure idle URL CLIENTS      PSS of this process per connected client

namespace {

using namespace bench;

struct counter final : client_listener {
    void on_connected(stomp_client& client) override {
        ++connected;
        if (subscribes) client.subscribe("sub-0", "/topic/measure");
    }
    void on_message(stomp_client& /*client*/, frame_view message) override {
        ++messages;
        if (look_at_body) bytes += message.body().size();
    }
    void on_receipt(stomp_client& /*client*/, std::string_view /*receipt*/) override {}
    void on_error(stomp_client& /*client*/, frame_view error) override {
        std::fprintf(stderr, "%.*s\n", static_cast<int>(error.bytes().size()),
                     error.bytes().data());
    }
    void on_closed(stomp_client& /*client*/, std::string_view reason) override {
        std::fprintf(stderr, "%.*s\n", static_cast<int>(reason.size()), reason.data());
        std::exit(1);
    }
    std::uint64_t connected = 0;
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
    bool subscribes = true;
    bool look_at_body = false;
};

double thread_cpu() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

void send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        auto const sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

std::string receive_until(int socket, std::string_view end) {
    std::string out;
    char c = 0;
    while (!out.ends_with(end) && recv(socket, &c, 1, 0) == 1) out.push_back(c);
    return out;
}

// Serves one client: answers CONNECT, then sends messages as fast as they are taken.
void serve(int listener, std::uint64_t messages) {
    int const socket = accept(listener, nullptr, nullptr);
    auto const request = receive_until(socket, "\r\n\r\n");
    send_all(socket,
             "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Accept: " +
                 websocket_accept_of(http_field(request, "sec-websocket-key")) + "\r\n\r\n");
    std::string connected;
    append_websocket_frame(connected, opcode::text,
                           std::string_view("CONNECTED\nversion:1.2\n\n\0", 24), 0);
    send_all(socket, connected);
    std::string frame =
        "MESSAGE\nsubscription:sub-0\nmessage-id:12345678-1234567\n"
        "destination:/topic/measure\ncontent-type:text/plain\n"
        "content-length:200\n\n" +
        std::string(200, 'x');
    frame.push_back('\0');
    std::string block;
    constexpr int per_block = 200;
    for (int i = 0; i < per_block; ++i) append_websocket_frame(block, opcode::text, frame, 0);
    for (std::uint64_t sent = 0; sent < messages; sent += per_block) send_all(socket, block);
    receive_until(socket, "the client's end");
    close(socket);
}

void measure_receive(std::uint64_t messages, bool look_at_body) {
    int const listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener, generic, size) != 0 || listen(listener, 1) != 0 ||
        getsockname(listener, generic, &size) != 0) {
        std::perror("listen");
        std::exit(1);
    }
    std::thread server(serve, listener, messages);
    counter seen;
    seen.look_at_body = look_at_body;
    {
        client_loop loop;
        client_options const options;
        stomp_client client(loop, seen, options);
        client.connect(
            parse_url("ws://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/ws"), {});
        auto const soon = [] { return bench_clock::now() + std::chrono::seconds(1); };
        while (seen.connected == 0) loop.turn(soon());
        double const before = thread_cpu();
        while (seen.messages < messages) loop.turn(soon());
        double const cpu = thread_cpu() - before;
        std::printf("%.3f us of CPU per MESSAGE%s, system calls included\n",
                    1e6 * cpu / static_cast<double>(seen.messages),
                    look_at_body ? ", its body found" : "");
    }
    server.join();
    close(listener);
}

double pss_kib() {
    std::ifstream rollup("/proc/self/smaps_rollup");
    for (std::string line; std::getline(rollup, line);) {
        if (line.starts_with("Pss:")) return std::strtod(line.c_str() + 4, nullptr);
    }
    return 0;
}

void measure_idle(char const* url, std::size_t count) {
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    client_loop loop;
    counter seen;
    client_options options;
    options.verify_certificate = false;
    options.heart_beat_send = options.heart_beat_receive = std::chrono::seconds(10);
    auto const to = parse_url(url);
    std::vector<std::unique_ptr<stomp_client>> clients;
    auto const grow = [&](std::size_t until) {
        credentials who;
        who.login = "guest";
        who.passcode = "guest";
        while (seen.connected < until) {
            while (clients.size() < until && clients.size() < seen.connected + 200) {
                clients.push_back(std::make_unique<stomp_client>(loop, seen, options));
                clients.back()->connect(to, who,
                                        "127.0.0." + std::to_string(2 + clients.size() / 10000));
            }
            loop.turn(bench_clock::now() + std::chrono::seconds(1));
        }
    };
    clients.reserve(count + 1);
    grow(count / 10);
    double const before = pss_kib();
    auto const began = bench_clock::now();
    double const cpu = thread_cpu();
    grow(count);
    auto const more = static_cast<double>(count - count / 10);
    std::chrono::duration<double> const took = bench_clock::now() - began;
    std::printf("%zu clients: %.3f KiB of PSS each; connected in %.2f s, %.1f us of CPU each\n",
                count, (pss_kib() - before) / more, took.count(),
                1e6 * (thread_cpu() - cpu) / more);
    if (char const* hold = std::getenv("HOLD_SECONDS")) {
        auto const until = bench_clock::now() + std::chrono::seconds(std::atoi(hold));
        while (bench_clock::now() < until) loop.turn(until);
        std::printf("held; %.3f KiB of PSS each\n", (pss_kib() - before) / more);
    }
}

}  // namespace

int main(int argc, char** argv) {
    std::string_view const what = argc > 1 ? argv[1] : "";
    if (what == "receive") {
        std::uint64_t const messages =
            argc > 2 ? std::strtoull(argv[2], nullptr, 10) : std::uint64_t{4'000'000};
        measure_receive(messages, false);
        measure_receive(messages, true);
        return 0;
    }
    if (what == "idle" && argc == 4) {
        measure_idle(argv[2], std::strtoull(argv[3], nullptr, 10));
        return 0;
    }
    std::fprintf(stderr, "usage: %s receive [MESSAGES] | idle URL CLIENTS\n", argv[0]);
    return 2;
}
