#include "bench/process_cost.hpp"
#include "bench/scenarios.hpp"

#include <chrono>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {
namespace {

using clock = std::chrono::steady_clock;

double seconds_since(clock::time_point start) {
    return std::chrono::duration<double>(clock::now() - start).count();
}

struct room {
    std::string destination;
    std::unique_ptr<stomp_session> publisher = std::make_unique<stomp_session>();
    std::vector<std::unique_ptr<stomp_session>> subscribers;
    std::uint64_t published = 0;
    std::uint64_t delivered = 0;
};

class fan_out_run {
public:
    fan_out_run(target const& server, fan_out_options const& options)
        : server_(server), options_(options), body_(options.body_bytes, 'x') {}

    void run() {
        connect_all();
        measure();
    }

private:
    void fail(std::string_view what) { failure_ = std::string(what.substr(0, 300)); }

    void turn(int timeout_ms) {
        loop_.turn(timeout_ms);
        if (!failure_.empty()) throw std::runtime_error("a client was dropped: " + failure_);
    }

    void wait_for(std::size_t& count, std::size_t wanted, char const* what) {
        auto const start = clock::now();
        while (count < wanted) {
            turn(100);
            if (seconds_since(start) > 60) {
                throw std::runtime_error(std::string("only ") + std::to_string(count) + " of " +
                                         std::to_string(wanted) + " clients are " + what);
            }
        }
    }

    // In portions, so that a server's accept queue does not overflow.
    void connect(stomp_session& session) {
        session.on_connected = [this] { ++connected_; };
        session.on_error = [this](std::string_view what) { fail(what); };
        session.start(loop_, server_.to, server_.as);
        if (++started_ % 100 == 0) wait_for(connected_, started_, "connected");
    }

    void connect_all() {
        for (std::size_t r = 0; r < options_.rooms; ++r) {
            room& added = *rooms_.emplace_back(std::make_unique<room>());
            added.destination = options_.prefix + std::to_string(r);
            connect(*added.publisher);
            for (std::size_t s = 0; s < options_.subscribers; ++s) {
                connect(*added.subscribers.emplace_back(std::make_unique<stomp_session>()));
            }
        }
        wait_for(connected_, started_, "connected");
        std::size_t subscribed = 0;
        for (auto& each : rooms_) {
            for (auto& subscriber : each->subscribers) {
                subscriber->on_receipt = [&subscribed](std::string_view) { ++subscribed; };
                subscriber->on_message = [this, where = each.get()](std::string_view) {
                    ++where->delivered;
                    ++delivered_;
                };
                subscriber->subscribe(each->destination, "s");
            }
        }
        wait_for(subscribed, options_.rooms * options_.subscribers, "subscribed");
    }

    void publish() {
        for (auto& each : rooms_) {
            while (each->published - each->delivered / options_.subscribers < options_.window) {
                each->publisher->send(each->destination, body_);
                ++each->published;
            }
        }
    }

    void load_for(double seconds) {
        auto const start = clock::now();
        while (seconds_since(start) < seconds) {
            publish();
            turn(100);
        }
    }

    void measure() {
        load_for(options_.warm_up_seconds);
        auto const before = server_.pid > 0 ? cost_of(server_.pid) : process_cost{};
        std::uint64_t const delivered_before = delivered_;
        auto const start = clock::now();
        load_for(options_.seconds);
        double const took = seconds_since(start);
        auto const after = server_.pid > 0 ? cost_of(server_.pid) : process_cost{};
        auto const delivered = static_cast<double>(delivered_ - delivered_before);
        std::printf("deliveries %.0f\nrate %.0f deliveries/s\n", delivered, delivered / took);
        if (server_.pid <= 0) return;
        double const cpu = after.cpu_seconds - before.cpu_seconds;
        std::printf("server_cpu %.2f cores\ncpu_per_delivery %.3f us\n", cpu / took,
                    cpu * 1e6 / delivered);
    }

    target server_;
    fan_out_options options_;
    std::string body_;
    client_loop loop_;
    std::vector<std::unique_ptr<room>> rooms_;
    std::size_t started_ = 0;
    std::size_t connected_ = 0;
    std::uint64_t delivered_ = 0;
    std::string failure_;
};

}  // namespace

void run_fan_out(target const& server, fan_out_options const& options) {
    fan_out_run(server, options).run();
}

}  // namespace bench
