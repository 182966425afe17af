#include "bench/client_fleet.hpp"
#include "bench/measure/process_cost.hpp"
#include "bench/scenarios.hpp"

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace bench {
namespace {

struct fan_out_room {
    std::string destination;
    stomp_session publisher;
    std::vector<std::unique_ptr<stomp_session>> subscribers;
    std::uint64_t published = 0;
    std::uint64_t delivered = 0;
};

class fan_out_run {
public:
    fan_out_run(target const& server, fan_out_options const& options)
        : fleet_(server), options_(options), body_(options.body_bytes, 'x') {}

    void run() {
        open_rooms();
        load_for(options_.warm_up_seconds);
        measure();
    }

private:
    void open_rooms() {
        for (std::size_t r = 0; r < options_.rooms; ++r) {
            auto& added = *rooms_.emplace_back(std::make_unique<fan_out_room>());
            added.destination = options_.prefix + std::to_string(r);
            fleet_.connect(added.publisher);
            for (std::size_t s = 0; s < options_.subscribers; ++s) {
                fleet_.connect(*added.subscribers.emplace_back(std::make_unique<stomp_session>()));
            }
        }
        fleet_.wait_until_connected();
        std::size_t subscribed = 0;
        for (auto& room : rooms_) {
            for (auto& subscriber : room->subscribers) {
                subscriber->on_receipt = [&subscribed](std::string_view) { ++subscribed; };
                subscriber->on_message = [this, where = room.get()](std::string_view) {
                    ++where->delivered;
                    ++delivered_;
                };
                subscriber->subscribe(room->destination, "s");
            }
        }
        fleet_.wait_for(subscribed, options_.rooms * options_.subscribers, "subscribed");
    }

    void publish() {
        for (auto& room : rooms_) {
            while (room->published - room->delivered / options_.subscribers < options_.window) {
                room->publisher.send(room->destination, body_);
                ++room->published;
            }
        }
    }

    void load_for(double seconds) {
        auto const start = bench_clock::now();
        while (seconds_since(start) < seconds) {
            publish();
            fleet_.turn(100);
        }
    }

    void measure() {
        pid_t const pid = fleet_.server().pid;
        auto const cost_before = pid > 0 ? cost_of(pid) : process_cost{};
        auto const delivered_before = delivered_;
        auto const start = bench_clock::now();
        load_for(options_.seconds);
        double const took = seconds_since(start);
        auto const delivered = static_cast<double>(delivered_ - delivered_before);
        std::printf("deliveries %.0f\nrate %.0f deliveries/s\n", delivered, delivered / took);
        if (pid <= 0) return;
        double const cpu = cost_of(pid).cpu_seconds - cost_before.cpu_seconds;
        std::printf("server_cpu %.2f cores\ncpu_per_delivery %.3f us\n", cpu / took,
                    cpu * 1e6 / delivered);
    }

    client_fleet fleet_;
    fan_out_options options_;
    std::string body_;
    std::vector<std::unique_ptr<fan_out_room>> rooms_;
    std::uint64_t delivered_ = 0;
};

}  // namespace

void run_fan_out(target const& server, fan_out_options const& options) {
    fan_out_run(server, options).run();
}

}  // namespace bench
