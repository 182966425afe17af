#include "broker/transport/transport_server.hpp"
#include "tests/sockjs_echo/echo_services.hpp"

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <map>
#include <string>

// stampede-sockjs-echo: echo services on the SockJS library, for conformance suites to run against.
// Prints its port, then serves until SIGTERM or SIGINT.

namespace {

namespace transport = broker::transport;
namespace sockjs = broker::transport::sockjs;

struct command_line {
    transport::listener_options listener;
    std::size_t shards = 1;
    std::string dialect{sockjs::dialect_0_3_3.name};
    unsigned heart_beat_ms = 25'000;
    unsigned disconnect_delay_ms = 5'000;
    sockjs_echo::settings services{.sockjs_url = "/vendor/sockjs.min.js"};
};

void describe(CLI::App& app, command_line& to) {
    app.add_option("--address", to.listener.address, "address to listen on")->capture_default_str();
    app.add_option("--port", to.listener.port, "port to listen on; 0 takes a free one")
        ->capture_default_str();
    app.add_option("--sockjs-url", to.services.sockjs_url,
                   "where iframe pages load the SockJS client from")
        ->capture_default_str();
    app.add_option("--dialect", to.dialect, "vintage of the protocol")
        ->check(CLI::IsMember(
            {std::string(sockjs::dialect_0_3_3.name), std::string(sockjs::dialect_current.name)}))
        ->capture_default_str();
    app.add_option("--shards", to.shards, "threads")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    app.add_option("--heart-beat-ms", to.heart_beat_ms, "silence before a heart-beat frame")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--disconnect-delay-ms", to.disconnect_delay_ms,
                   "how long a session lives without a receiver")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
}

int serve(command_line wanted) {
    wanted.services.protocol = sockjs::find_dialect(wanted.dialect);
    wanted.services.heart_beat = std::chrono::milliseconds(wanted.heart_beat_ms);
    wanted.services.disconnect_delay = std::chrono::milliseconds(wanted.disconnect_delay_ms);

    // Blocked before there are threads, so that only sigwait() below sees them.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);

    transport::http_routes routes;
    transport::transport_options options;
    options.loops = wanted.shards;
    options.http.body_bytes = 32 * 1024 * 1024;
    transport::transport_server server(options);
    auto const services = sockjs_echo::add_services(routes, wanted.services);
    auto const port = server.listen(wanted.listener, routes);
    if (!port) {
        std::fprintf(stderr, "cannot listen on %s:%u: %s\n", wanted.listener.address.c_str(),
                     wanted.listener.port, port.error().message().c_str());
        return 1;
    }
    server.start();
    std::printf("%u\n", *port);
    std::fflush(stdout);

    int signal = 0;
    sigwait(&signals, &signal);
    server.stop();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("SockJS echo services for conformance suites");
    command_line wanted;
    describe(app, wanted);
    CLI11_PARSE(app, argc, argv);
    try {
        return serve(std::move(wanted));
    } catch (std::exception const& error) {
        std::fprintf(stderr, "stampede-sockjs-echo: %s\n", error.what());
        return 1;
    }
}
