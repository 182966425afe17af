#include "chat/outside/outbox_relay.hpp"
#include "persistence/storage.hpp"
#include "tests/support/postgres_server.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

// What the message writer does on its own: messages stored in a second at full load, and the time
// from when a message was due until it was committed at a given rate (open loop: a late start
// counts as waiting). Each database is fresh, in a temporary directory, with every commit synced.

namespace {

using steady = std::chrono::steady_clock;

struct plan {
    std::size_t rooms = 100;
    std::size_t bytes = 200;
    double seconds = 5;
    std::size_t window = 4096;  // messages under way at full load
    std::size_t batch = 1024;
    bool keys = false;
    bool outbox = false;
    bool relay = false;
};

// Confirms at once: what is measured is the relay and the database.
class obliging_world final : public broker::outside {
public:
    explicit obliging_world(bool measure) : measure_(measure) {}

    void publish(std::vector<broker::outside_event> events,
                 broker::unique_function<void(bool)> done) override {
        if (measure_) {
            for (auto const& event : events) ages_.push_back(age(event.body));
        }
        done(true);
    }

    // Milliseconds from when each message was stored (before its commit) until it came here; ask
    // when the relay has ended.
    std::vector<double>& ages() { return ages_; }

private:
    static double age(std::string const& body) {
        using namespace std::chrono;
        auto const at =
            body.find("\"occurredAt\":\"") + 14 + std::string_view("2025-01-09T14:").size();
        auto const number = [&](std::size_t from, std::size_t length) {
            return std::stoll(body.substr(at + from, length));
        };
        auto const stored = number(0, 2) * 60'000 + number(3, 2) * 1'000 + number(6, 3);
        constexpr long long hour = 3'600'000;
        auto const now =
            duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
        auto const passed = now % (hour * 1'000) - stored * 1'000;
        return static_cast<double>(passed < 0 ? passed + hour * 1'000 : passed) / 1'000;
    }

    bool measure_;
    std::vector<double> ages_;
};

// Receives the batches; the latency of each message goes into its own slot.
class sink final : public chat::batch_listener {
public:
    void on_batch(std::vector<chat::finished_write> batch) override {
        for (auto& write : batch) {
            if (write.waiter.done) write.waiter.done(write.outcome);
            if (!write.outcome.stored) ++failed;
        }
        ++batches;
        if (on_stored) on_stored();
        std::lock_guard guard(mutex_);
        finished_ += batch.size();
        changed_.notify_all();
    }

    std::function<void()> on_stored;

    // Waits until at most `open` of `started` are under way.
    void wait(std::size_t started, std::size_t open) {
        std::unique_lock guard(mutex_);
        changed_.wait(guard, [&] { return started - finished_ <= open; });
    }

    std::atomic<std::size_t> failed = 0;
    std::atomic<std::size_t> batches = 0;

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t finished_ = 0;
};

std::vector<chat::room_id> make_rooms(persistence::storage& in, std::size_t count) {
    std::vector<chat::room_id> rooms;
    std::promise<boost::system::error_code> done;
    in.store().run(
        chat::access::read_write,
        [&](chat::unit_of_work& unit) {
            rooms.clear();
            for (std::size_t i = 0; i != count; ++i) {
                auto const room = unit.create_room({}).value().id;
                for (std::uint64_t user = 1; user != 11; ++user) {
                    unit.add_member(room, chat::user_id{user}, "nickname",
                                    chat::member_role::member)
                        .value();
                }
                rooms.push_back(room);
            }
            return true;
        },
        [&](boost::system::error_code error) { done.set_value(error); });
    if (auto const error = done.get_future().get()) throw std::runtime_error(error.message());
    return rooms;
}

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    auto const of = [](timeval const& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return of(usage.ru_utime) + of(usage.ru_stime);
}

double percentile(std::vector<double>& values, double share) {
    if (values.empty()) return 0;
    auto const at = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at),
                     values.end());
    return values[at];
}

// What one sync costs on this disk right now: no commit can be quicker.
void print_sync_time() {
    std::string file = "/tmp/stampede-store-bench-XXXXXX";
    int const opened = mkstemp(file.data());
    if (opened < 0) throw std::runtime_error("mkstemp");
    std::vector<double> times;
    std::string const block(8192, 'x');
    for (int i = 0; i != 200; ++i) {
        auto const start = steady::now();
        if (::write(opened, block.data(), block.size()) < 0 || fdatasync(opened) != 0) break;
        std::chrono::duration<double, std::milli> const taken = steady::now() - start;
        times.push_back(taken.count());
    }
    close(opened);
    unlink(file.c_str());
    fmt::print("a write of 8 KiB with fdatasync: p50 {:.2f} ms, p99 {:.2f} ms\n",
               percentile(times, 0.5), percentile(times, 0.99));
}

void run(persistence::storage_options options, plan const& how, double rate, std::string const& on,
         tests::postgres_server const* server) {
    options.batch_count = how.batch;
    options.outbox = how.outbox || how.relay;
    auto const storage = persistence::open_storage(options);
    auto const rooms = make_rooms(*storage, how.rooms);
    sink listener;
    obliging_world world(rate != 0);
    std::optional<chat::outbox_relay> relay;
    if (how.relay) {
        relay.emplace(storage->open_outbox(), world);
        listener.on_stored = [&relay] { relay->wake(); };
    }
    std::vector<double> latencies;
    std::mutex latencies_mutex;
    latencies.reserve(static_cast<std::size_t>(how.seconds * std::max(rate, 200'000.0)));
    double const cpu_before = cpu_seconds();
    double const server_before = server != nullptr ? server->cpu_seconds() : 0;
    auto const start = steady::now();
    auto const end = start + std::chrono::duration<double>(how.seconds);
    std::size_t sent = 0;
    double server_cpu = 0;
    {
        auto const writer = storage->start_writer(listener);
        auto const send = [&](steady::time_point due) {
            chat::new_message message;
            message.room = rooms[sent % rooms.size()];
            message.author = chat::user_id{1 + (sent / rooms.size()) % 10};
            message.nickname = "nickname";
            message.content.assign(how.bytes, 'x');
            if (how.keys) message.idempotency_key = fmt::format("key-{:032}", sent);
            ++sent;
            auto const note = [&, due](chat::write_outcome const&) {
                std::chrono::duration<double, std::milli> const taken = steady::now() - due;
                std::lock_guard guard(latencies_mutex);
                latencies.push_back(taken.count());
            };
            writer->append({std::move(message), {note}});
        };
        while (steady::now() < end) {
            if (rate == 0) {
                listener.wait(sent, how.window);
                for (int i = 0; i != 64; ++i) send(steady::now());
                continue;
            }
            std::chrono::duration<double> const gone = steady::now() - start;
            auto const due = static_cast<std::size_t>(gone.count() * rate);
            while (sent < due) {
                send(start + std::chrono::duration_cast<steady::duration>(
                                 std::chrono::duration<double>(static_cast<double>(sent) / rate)));
            }
            std::this_thread::sleep_for(std::chrono::microseconds(100));
        }
        listener.wait(sent, 0);
        if (server != nullptr) server_cpu = server->cpu_seconds() - server_before;
    }
    std::chrono::duration<double> const taken = steady::now() - start;
    double const cpu = cpu_seconds() - cpu_before;
    if (relay) {
        auto const relayed_meanwhile = relay->counts().published;
        while (relay->counts().published != sent)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        std::chrono::duration<double> const relayed = steady::now() - start;
        fmt::print("  relayed: {:.0f} % meanwhile, all after {:.2f} s ({:.0f}/s), {} takes\n",
                   100.0 * static_cast<double>(relayed_meanwhile) / static_cast<double>(sent),
                   relayed.count(), static_cast<double>(sent) / relayed.count(),
                   relay->counts().takes);
        relay.reset();
        if (rate != 0) {
            fmt::print("  stored until relayed: p50 {:.1f} ms, p99 {:.1f} ms, max {:.1f} ms\n",
                       percentile(world.ages(), 0.5), percentile(world.ages(), 0.99),
                       percentile(world.ages(), 1));
        }
    }
    auto const count = static_cast<double>(sent);
    fmt::print(
        "{:<10} {:>9} {:>9.0f}/s  batch {:>6.1f}  p50 {:>7.2f} ms  p99 {:>7.2f} ms  max {:>7.2f} ms"
        "  CPU {:>5.1f} us"
        " + server {:>5.1f} us  failed {}\n",
        on, rate == 0 ? "full load" : fmt::format("{:.0f}/s", rate), count / taken.count(),
        count / static_cast<double>(listener.batches.load()), percentile(latencies, 0.5),
        percentile(latencies, 0.99), percentile(latencies, 1), cpu / count * 1e6,
        server_cpu / count * 1e6, listener.failed.load());
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"stampede-store-bench: messages stored by the writer, on fresh databases"};
    plan how;
    std::vector<std::string> databases{"sqlite", "postgresql"};
    std::vector<double> rates{0, 1'000, 10'000, 20'000};
    app.add_option("--on", databases, "sqlite, postgresql")->capture_default_str();
    app.add_option("--rates", rates, "messages per second; 0: full load")->capture_default_str();
    app.add_option("--rooms", how.rooms)->capture_default_str();
    app.add_option("--bytes", how.bytes, "of each message's content")->capture_default_str();
    app.add_option("--seconds", how.seconds, "of each run")->capture_default_str();
    app.add_option("--window", how.window, "messages under way at full load")
        ->capture_default_str();
    app.add_option("--batch", how.batch, "messages in one transaction, at most")
        ->capture_default_str();
    app.add_flag("--keys", how.keys, "give each message an idempotency key");
    app.add_flag("--outbox", how.outbox, "write the outbox as well");
    app.add_flag("--relay", how.relay, "and empty it, into a broker that confirms at once");
    CLI11_PARSE(app, argc, argv);

    try {
        print_sync_time();
        for (std::string const& on : databases) {
            std::unique_ptr<tests::postgres_server> server;
            if (on == "postgresql") server = std::make_unique<tests::postgres_server>();
            for (double const rate : rates) {
                persistence::storage_options options;
                std::string directory = "/tmp/stampede-store-bench-XXXXXX";
                if (server) {
                    options.kind = persistence::backend::postgresql;
                    options.location = server->fresh_schema();
                } else {
                    if (mkdtemp(directory.data()) == nullptr) throw std::runtime_error("mkdtemp");
                    options.location = directory + "/chat.db";
                }
                run(options, how, rate, on, server.get());
                std::error_code ignored;
                if (!server) std::filesystem::remove_all(directory, ignored);
            }
        }
        return 0;
    } catch (std::exception const& error) {
        fmt::print(stderr, "stampede-store-bench: {}\n", error.what());
        return 1;
    }
}
