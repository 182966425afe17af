#include "bench/client_fleet.hpp"
#include "bench/process_cost.hpp"
#include "bench/scenarios.hpp"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace bench {

void run_idle(target const& server, idle_options const& options) {
    client_fleet fleet(server);
    auto const memory = [&] { return server.pid > 0 ? cost_of(server.pid, true).pss_bytes : 0; };
    auto const before = memory();
    auto const cpu_before = server.pid > 0 ? cost_of(server.pid).cpu_seconds : 0;
    auto const start = bench_clock::now();
    std::vector<std::unique_ptr<stomp_session>> sessions;
    for (std::size_t i = 0; i < options.sessions; ++i) {
        auto as = server.as;
        if (options.first_user != 0) as.user = std::to_string(options.first_user + i);
        fleet.connect(*sessions.emplace_back(std::make_unique<stomp_session>()), as);
    }
    fleet.wait_until_connected();
    std::printf("connected %.0f per second\n",
                static_cast<double>(options.sessions) / seconds_since(start));
    std::size_t subscribed = 0;
    for (std::size_t i = 0; i < options.sessions; ++i) {
        sessions[i]->on_receipt = [&subscribed](std::string_view) { ++subscribed; };
        sessions[i]->subscribe(options.destination + std::to_string(i % 100), "s");
    }
    fleet.wait_for(subscribed, options.sessions, "subscribed");
    double const took = seconds_since(start);
    auto const count = static_cast<double>(options.sessions);
    std::printf("sessions %.0f\nconnects %.0f per second\n", count, count / took);
    if (server.pid <= 0) return;
    std::printf("cpu_per_connect %.1f us\n",
                (cost_of(server.pid).cpu_seconds - cpu_before) * 1e6 / count);
    std::printf("pss_before %.1f MiB\npss_per_session %.2f KiB\n",
                static_cast<double>(before) / (1024.0 * 1024.0),
                static_cast<double>(memory() - before) / 1024.0 / count);
}

}  // namespace bench
