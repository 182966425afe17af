#include "rabbitmq/rabbit_bus.hpp"
#include "tests/support/rabbitmq_server.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

// The bus between two nodes of one process, over a private RabbitMQ: how long an event takes to the
// other node, how many AMQP messages carry the events, and what that costs.

namespace {

using clock_type = std::chrono::steady_clock;
using std::chrono::microseconds;

constexpr std::string_view destination = "/topic/room.1";

// Finds every topic on the same node, at once.
class one_node_registry final : public broker::registry {
public:
    explicit one_node_registry(std::string node) : node_(std::move(node)) {}

    void enter(broker::interest, broker::executor& home,
               broker::unique_function<void()> done) override {
        home.post(std::move(done));
    }
    void leave(broker::interest const&) override {}
    void find(
        std::vector<broker::interest> what,
        broker::unique_function<void(std::optional<broker::interested_nodes>)> done) override {
        done(broker::interested_nodes(what.size(), {node_}));
    }

private:
    std::string const node_;
};

class ignoring_sink final : public broker::event_sink {
public:
    void on_events(std::vector<broker::bus_event>) override {}
};

std::int64_t now_in_us() {
    return std::chrono::duration_cast<microseconds>(clock_type::now().time_since_epoch()).count();
}

// Bodies begin with the time of their publishing.
class measuring_sink final : public broker::event_sink {
public:
    void on_events(std::vector<broker::bus_event> events) override {
        auto const now = now_in_us();
        for (auto const& event : events) {
            std::int64_t sent = 0;
            auto const body = std::get<broker::topic_event>(event).message->body();
            std::memcpy(&sent, body.data(), sizeof sent);
            latencies_.push_back(now - sent);
        }
        count_.fetch_add(events.size());
    }
    std::size_t count() const { return count_; }

    // Not while events come in.
    std::vector<std::int64_t> take() {
        std::ranges::sort(latencies_);
        return std::exchange(latencies_, {});
    }

private:
    std::vector<std::int64_t> latencies_;
    std::atomic<std::size_t> count_{0};
};

broker::bus_event make_event(std::size_t body_size) {
    std::string body(body_size, 'x');
    auto const now = now_in_us();
    std::memcpy(body.data(), &now, sizeof now);
    broker::message_parts parts;
    parts.destination = destination;
    parts.id = "1-123456";
    parts.seq = 1;
    parts.body = body;
    return broker::topic_event{std::make_shared<broker::message const>(parts)};
}

double own_cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    auto const seconds = [](timeval const& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct settings {
    std::size_t body_size = 200;
    std::size_t open_publishes = 4;
    std::uint32_t pace_us = 1'000;
    double seconds = 3;
};

class bench {
public:
    bench(tests::rabbitmq_server const& server, settings const& s) : server_(server), settings_(s) {
        a_ = connect("bench-a", ignored_);
        b_ = connect("bench-b", sink_);
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return up_ == 2; });
    }

    // `rate` events each second, as evenly as the machine allows; 0: as many as arrive.
    void run(double rate) {
        auto const before = a_->count();
        auto const cpu_before = own_cpu_seconds();
        auto const server_before = server_.cpu_seconds();
        auto const first = sink_.count();
        auto const begin = clock_type::now();
        std::size_t sent = 0;
        for (;;) {
            auto const passed = std::chrono::duration<double>(clock_type::now() - begin).count();
            if (passed > settings_.seconds) break;
            auto const due = rate == 0 ? sent + 1 : static_cast<std::size_t>(passed * rate);
            if (due <= sent || sent - (sink_.count() - first) > most_under_way) {
                std::this_thread::sleep_for(microseconds(50));
                continue;
            }
            a_->publish({make_event(settings_.body_size)});
            ++sent;
        }
        while (sink_.count() - first < sent) std::this_thread::sleep_for(microseconds(50));
        auto const time = std::chrono::duration<double>(clock_type::now() - begin).count();
        report(rate, time, sent, a_->count().published - before.published,
               own_cpu_seconds() - cpu_before, server_.cpu_seconds() - server_before);
    }

private:
    static constexpr std::size_t most_under_way = 20'000;

    std::unique_ptr<rabbitmq::rabbit_bus> connect(std::string id, broker::event_sink& sink) {
        rabbitmq::options options;
        options.node_id = std::move(id);
        options.urls = {server_.url()};
        options.open_publishes = settings_.open_publishes;
        options.pace = microseconds(settings_.pace_us);
        options.on_link = [this](bool out, bool in) {
            std::lock_guard const lock(mutex_);
            if (out && in) ++up_;
            changed_.notify_all();
        };
        auto bus =
            std::make_unique<rabbitmq::rabbit_bus>(std::move(options), sink, registry_, nullptr);
        bus->start();
        return bus;
    }

    void report(double rate, double time, std::size_t sent, std::uint64_t published, double cpu,
                double server_cpu) {
        auto const latencies = sink_.take();
        auto const at = [&latencies](double part) {
            return static_cast<double>(
                       latencies[static_cast<std::size_t>(part * double(latencies.size() - 1))]) /
                   1000;
        };
        auto const events = static_cast<double>(sent);
        fmt::print(
            "{:>9}  {:7.0f} events/s  {:.3f} publishes/event  p50 {:.2f} ms  p99 {:.2f} ms  "
            "max {:.1f} ms  CPU/event {:.1f} us, RabbitMQ {:.1f} us\n",
            rate == 0 ? std::string("full") : fmt::format("{:.0f}/s", rate), events / time,
            static_cast<double>(published) / events, at(0.5), at(0.99), at(1), cpu / events * 1e6,
            server_cpu / events * 1e6);
    }

    tests::rabbitmq_server const& server_;
    settings const settings_;
    one_node_registry registry_{"bench-b"};
    ignoring_sink ignored_;
    measuring_sink sink_;
    std::mutex mutex_;
    std::condition_variable changed_;
    int up_ = 0;
    std::unique_ptr<rabbitmq::rabbit_bus> a_;
    std::unique_ptr<rabbitmq::rabbit_bus> b_;
};

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("The bus between two nodes, over a private RabbitMQ.");
    settings s;
    std::vector<double> rates = {100, 1'000, 5'000, 20'000, 50'000, 0};
    app.add_option("--rate", rates, "events each second; 0: as many as arrive")->delimiter(',');
    app.add_option("--body", s.body_size, "octets of a body, at least 8");
    app.add_option("--open", s.open_publishes, "publishes under way before events gather");
    app.add_option("--pace", s.pace_us, "microseconds between two publishes, unless full");
    app.add_option("--seconds", s.seconds, "for each rate");
    CLI11_PARSE(app, argc, argv);
    s.body_size = std::max(s.body_size, sizeof(std::int64_t));

    tests::rabbitmq_server const server;
    bench one(server, s);
    one.run(1'000);  // warms up
    for (auto const rate : rates) one.run(rate);
    return 0;
}
