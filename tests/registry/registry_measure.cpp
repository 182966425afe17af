#include "tests/registry/support.hpp"

#include <sys/resource.h>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <semaphore>

// What the registry costs: lookups as fast as they go and at given rates, entries, and writing
// everything again. Prints a table; a program to be run by hand.
// usage: registry_measure [nodes that have somebody for each room = 3]
//        registry_measure sessions: only what a user's session costs

namespace {

using namespace tests;
using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

constexpr int rooms = 10'000;

double seconds(clock_type::duration time) {
    return std::chrono::duration<double>(time).count();
}

double own_cpu() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    auto const of = [](timeval t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return of(used.ru_utime) + of(used.ru_stime);
}

double redis_cpu(redis_server const& server) {
    double sum = 0;
    std::string const info = server.run("INFO cpu");
    for (char const* name : {"used_cpu_sys:", "used_cpu_user:"}) {
        sum += std::atof(info.c_str() + info.find(name) + std::string_view(name).size());
    }
    return sum;
}

broker::interest room(int number) {
    return topic("/topic/chatroom/" + std::to_string(number));
}

struct spent {
    double time, own, redis;
    broker::redis_registry::figures figures;
};

class meter {
public:
    meter(redis_server const& server, node const& of) : server_(server), of_(of) {}
    spent stop() const {
        double const time = seconds(clock_type::now() - start_);
        double const own = own_cpu() - own_;
        auto now = of_.registry->measured();
        now.commands -= before_.commands;
        now.lookups -= before_.lookups;
        now.keys -= before_.keys;
        return {time, own, redis_cpu(server_) - redis_, now};
    }

private:
    redis_server const& server_;
    node const& of_;
    broker::redis_registry::figures before_ = of_.registry->measured();
    double redis_ = redis_cpu(server_);
    double own_ = own_cpu();
    clock_type::time_point start_ = clock_type::now();
};

void flood(redis_server const& server, node& asker, int total, std::ptrdiff_t window, int hot) {
    std::counting_semaphore<> free(window);
    std::atomic<int> wrong = 0;
    std::minstd_rand random{1};
    std::vector<broker::interest> all;
    for (int i = 0; i != hot; ++i) all.push_back(room(i));
    meter const measure(server, asker);
    for (int i = 0; i != total; ++i) {
        free.acquire();
        asker.registry->find(std::vector{all[random() % all.size()]}, [&](answer const& got) {
            if (!got) ++wrong;
            free.release();
        });
    }
    for (std::ptrdiff_t i = 0; i != window; ++i) free.acquire();
    spent const s = measure.stop();
    std::printf("%6td %6d %9.0f %8.2f %8.2f %8.4f %8.3f %6d\n", window, hot, total / s.time,
                1e6 * s.own / total, 1e6 * s.redis / total,
                static_cast<double>(s.figures.commands) / total,
                static_cast<double>(s.figures.keys) / total, wrong.load());
}

void at_rate(redis_server const& server, node& asker, int rate) {
    int const total = rate * 2;
    std::vector<double> latencies(static_cast<std::size_t>(total));
    std::atomic<int> left = total;
    std::minstd_rand random{1};
    meter const measure(server, asker);
    auto const start = clock_type::now();
    for (int i = 0; i != total; ++i) {
        auto const due = start + i * (1'000'000'000ns / rate);
        while (clock_type::now() < due) {
            if (due - clock_type::now() > 100us) std::this_thread::sleep_for(50us);
        }
        asker.registry->find(
            std::vector{room(static_cast<int>(random() % rooms))}, [&, i, due](answer const&) {
                latencies[static_cast<std::size_t>(i)] = seconds(clock_type::now() - due);
                --left;
            });
    }
    while (left > 0) std::this_thread::sleep_for(1ms);
    spent const s = measure.stop();
    std::ranges::sort(latencies);
    std::printf("%8d %10.3f %9.3f %9.3f %11.4f %10.1f\n", rate,
                1e3 * latencies[latencies.size() / 2], 1e3 * latencies[latencies.size() * 99 / 100],
                1e3 * latencies.back(), static_cast<double>(s.figures.commands) / total,
                100 * s.redis / s.time);
}

double redis_bytes(redis_server const& server) {
    std::string const info = server.run("INFO memory");
    constexpr std::string_view name = "used_memory:";
    return std::atof(info.c_str() + info.find(name) + name.size());
}

double milliseconds_to_enter(node& at, int number) {
    auto const start = clock_type::now();
    enter_session(*at.registry, std::to_string(1'000'000 + number),
                  "k3j2h1-9-" + std::to_string(number), 1'763'735'619);
    return 1e3 * seconds(clock_type::now() - start);
}

// `users`: among how many the sessions are divided.
void measure_sessions(int total, int users) {
    redis_server server;
    node one(server, "node-1", [](broker::redis::options& options) {
        options.lease = 15s;
        options.renewal = options.command_timeout = 1s;
    });
    eventually([&] { return one.complete() && one.up(); });
    std::vector<double> alone;
    for (int i = 0; i != 500; ++i) alone.push_back(milliseconds_to_enter(one, i));
    std::ranges::sort(alone);

    double const empty = redis_bytes(server);
    std::atomic<int> left = total;
    auto const user_of = [&](int i) { return std::to_string(1 + i % users); };
    auto const id_of = [](int i) { return "k3j2h1-0-" + std::to_string(i); };
    meter const entering(server, one);
    for (int i = 0; i != total; ++i) {
        one.registry->enter_session({.user = user_of(i),
                                     .id = id_of(i),
                                     .transport = "websocket",
                                     .since = std::chrono::sys_seconds(1'763'735'619s)},
                                    home(), [&] { --left; });
    }
    eventually([&] { return left == 0; });
    spent const in = entering.stop();
    double const bytes = redis_bytes(server) - empty;
    meter const leaving(server, one);
    for (int i = 0; i != total; ++i) one.registry->leave_session(user_of(i), id_of(i));
    eventually([&] { return server.run("EXISTS stampede:sessions:" + user_of(total - 1)) == "0"; });
    spent const out = leaving.stop();
    auto const per_session = [&](double sum) { return sum / total; };
    std::printf("%8d %7d %9.0f %7.0f %7.1f %7.1f %8.3f %7.1f %8.3f %7.3f %7.3f\n", total, users,
                total / in.time, per_session(bytes), per_session(1e6 * in.own),
                per_session(1e6 * in.redis), per_session(static_cast<double>(in.figures.commands)),
                per_session(1e6 * out.redis),
                per_session(static_cast<double>(out.figures.commands)), alone[alone.size() / 2],
                alone[alone.size() * 99 / 100]);
}

}  // namespace

int main(int count, char** words) {
    if (count > 1 && std::string_view(words[1]) == "sessions") {
        std::printf("sessions   users   enter/s   bytes own us Redis us commands  out us commands");
        std::printf("  p50 ms  p99 ms of one alone\n");
        for (int const users : {10'000, 3'000, 1}) measure_sessions(10'000, users);
        return 0;
    }
    int const nodes = count > 1 ? std::atoi(words[1]) : 3;
    auto const long_times = [](broker::redis::options& options) {
        options.lease = 15s;
        options.renewal = 1s;
        options.command_timeout = 1s;
    };
    redis_server server;
    node asker(server, "asker", long_times);
    std::vector<std::unique_ptr<node>> others;
    for (int n = 0; n != nodes; ++n) {
        others.push_back(std::make_unique<node>(server, "node-" + std::to_string(n), long_times));
        auto const start = clock_type::now();
        for (int i = 0; i != rooms; ++i) others.back()->registry->enter(room(i), home(), [] {});
        enter(*others.back()->registry, topic("/topic/last"));
        if (n == 0) {
            std::printf("enter: %.0f/s\n", rooms / seconds(clock_type::now() - start));
        }
    }
    eventually([&] { return asker.complete(); });
    found(*asker.registry, room(1));

    std::printf("\nlookups of one room, found on %d nodes; CPU in us per lookup\n", nodes);
    std::printf("window  rooms  lookups/s  own CPU    Redis commands     keys  unknown\n");
    flood(server, asker, 20'000, 1, rooms);
    flood(server, asker, 500'000, 64, rooms);
    flood(server, asker, 1'000'000, 1000, rooms);
    flood(server, asker, 1'000'000, 10'000, rooms);
    flood(server, asker, 1'000'000, 1000, 50);

    std::printf("\n lookups/s  p50 ms    p99 ms    max ms  cmds/lookup  Redis CPU %%\n");
    for (int const rate : {100, 1'000, 10'000, 50'000}) at_rate(server, asker, rate);

    auto const start = clock_type::now();
    server.run("FLUSHALL");
    std::size_t const keys = static_cast<std::size_t>(rooms) + 1;
    eventually([&] {
        return asker.complete() &&
               std::ranges::all_of(others, [](auto& each) { return each->states().size() == 3; });
    });
    std::printf("\nemptied: %d nodes wrote %zu keys each, answers again after %.2f s\n", nodes,
                keys, seconds(clock_type::now() - start));
    std::printf("memory of Redis: %s\n",
                server.run("INFO memory | grep used_memory_human").c_str());
}
