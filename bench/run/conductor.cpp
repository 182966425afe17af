#include "bench/run/conductor.hpp"

#include "bench/measure/process_cost.hpp"
#include "bench/measure/schedule.hpp"
#include "bench/measure/stolen_time.hpp"
#include "bench/plan/http.hpp"
#include "bench/plan/identities.hpp"
#include "bench/run/doubts.hpp"
#include "bench/run/server_watch.hpp"
#include "bench/run/timeline.hpp"
#include "bench/run/worker.hpp"

#include <sys/sysinfo.h>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <ctime>
#include <exception>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace bench {
namespace {

constexpr std::chrono::milliseconds watch_pace{200};
// And so often about the moment at which the load ends.
constexpr std::chrono::milliseconds edge_pace{2};
double since(bench_clock::time_point start) {
    return std::chrono::duration<double>(bench_clock::now() - start).count();
}

bench_clock::duration to_clock(seconds value) {
    return std::chrono::duration_cast<bench_clock::duration>(value);
}

// A run of which nobody more gets connected for so long is given up.
std::chrono::seconds patience_of_opening(target const& server, plan const& what) {
    constexpr std::chrono::seconds least{30};
    // Who is not answered gets its own time-out first, which says more.
    std::chrono::seconds longest = server.client.connect_timeout + std::chrono::seconds(5);
    // At a pace the next one may have to wait for its turn; all threads have theirs together.
    if (double const rate = what.connects_per_second; rate > 0) {
        double const pause = static_cast<double>(what.threads) / rate;
        longest += std::chrono::seconds(static_cast<std::int64_t>(std::ceil(pause)));
    }
    return std::max(least, longest);
}

class conduct {
public:
    conduct(target const& server, plan const& what, std::function<void(moment const&)> const& show,
            std::atomic<bool> const& stop)
        : server_(server),
          what_(what),
          show_(show),
          stop_(stop),
          who_(server),
          watch_(server.pids) {
        stage_.sessions = &sessions_;
    }

    run_result go() {
        try {
            prepare();
            open();
            if (!stop_) load();
            settle();
        } catch (std::exception const& error) {
            fail(error.what());
        }
        return collect();
    }

private:
    // What was found until then is a result, too.
    void fail(std::string const& why) {
        found_.failed = true;
        ++found_.errors[why];
        stage_.stop = true;
        for (auto& each : workers_) {
            each->wake();
            try {
                each->join();
            } catch (std::exception const& error) {
                ++found_.errors[error.what()];
            }
        }
    }

    void prepare() {
        found_.target = server_.name;
        found_.scenario = describe(what_);
        found_.started = fmt::format("{:%FT%TZ}", fmt::gmtime(std::time(nullptr)));
        tell(run_phase::preparing, 0, 0);
        if (what_.stored) {
            if (what_.first_room > 0) {
                for (std::size_t i = 0; i < what_.rooms; ++i)
                    rooms_.push_back(what_.first_room + i);
            } else if (what_.kind != scenario_kind::direct) {
                rooms_ = make_rooms(server_, who_.http_authorization(), what_.rooms, stop_);
            }
        }
        found_.pss_before = watch_.pss_bytes();
        auto const run = std::random_device{}();
        for (std::size_t part = 0; part < what_.threads; ++part) {
            workers_.push_back(
                std::make_unique<worker>(server_, what_, who_, stage_, rooms_, run, part));
        }
    }

    void open() {
        auto const start = bench_clock::now();
        auto const cpu_before = watch_.cpu_seconds();
        for (auto& each : workers_) each->go();
        std::uint64_t most = 0;
        auto progressed = start;
        auto const patience = patience_of_opening(server_, what_);
        while (!std::ranges::all_of(workers_, &worker::ready)) {
            if (stop_) return;
            rethrow_failures();
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            if (auto const now = sessions(); now > most) {
                most = now;
                progressed = bench_clock::now();
            }
            if (std::ranges::any_of(workers_, &worker::in_vain)) give_up_opening("");
            if (bench_clock::now() - progressed > patience) {
                give_up_opening(
                    fmt::format("for {} s nobody more was connected: ", patience.count()));
            }
            if (since(last_shown_) >= 0.2) tell(run_phase::opening, since(start), 0);
        }
        auto ready = start;
        for (auto const& each : workers_) ready = std::max(ready, each->ready_at());
        found_.opening.seconds = std::chrono::duration<double>(ready - start).count();
        found_.opening.connects = sessions();
        if (auto const cpu = watch_.cpu_seconds(); cpu && cpu_before) {
            found_.opening.server_cpu_seconds = *cpu - *cpu_before;
        }
        found_.sessions_opened = sessions();
        found_.pss_opened = watch_.pss_bytes();
    }

    [[noreturn]] void give_up_opening(std::string const& why) {
        std::string missing;
        for (auto const& each : workers_) {
            if (!each->ready()) missing += (missing.empty() ? "" : "; ") + each->missing();
        }
        throw std::runtime_error(why + missing);
    }

    void load() {
        stage_.start = bench_clock::now() + std::chrono::milliseconds(50);
        stage_.end = stage_.start + to_clock(what_.warm_up + what_.measured());
        stage_.cued = true;
        for (auto& each : workers_) each->wake();
        auto const measured_from = stage_.start + to_clock(what_.warm_up);
        timeline_.begin({stage_.start, measured_from, stage_.end});
        std::optional<usage> before;
        std::optional<usage> after;
        // Without a warm-up the first moment counts, so what was used is noted before it.
        std::this_thread::sleep_until(stage_.start - edge_pace);
        server_meter_.on(watch_.cpu_seconds());
        bench_meter_.on(own_cpu_seconds());
        if (measured_from <= stage_.start) before = used();
        while (!std::ranges::all_of(workers_, &worker::finished_load)) {
            if (stop_) break;
            auto const now = bench_clock::now();
            if (!before && now >= measured_from) before = used();
            // A thread that cannot keep up works on after it.
            if (!after && now >= stage_.end) after = used();
            auto const edge = !before ? measured_from : !after ? stage_.end : now + edge_pace;
            // A second is there once its threads have looked at the time.
            auto const second = std::max(timeline_.next_second(), now + edge_pace);
            auto next = std::min({now + watch_pace, second, edge});
            if (ends_early()) next = std::min(next, now + edge_pace);
            std::this_thread::sleep_until(next);
            take_seconds();
            auto const phase = before ? run_phase::load : run_phase::warm_up;
            if (since(last_shown_) >= 0.19) tell(phase, since(stage_.start), whole());
        }
        if (stop_) break_off();
        if (before) note_usage(*before, after ? *after : used());
        auto const ended = load_ended();
        found_.load.seconds =
            std::max(0.0, std::chrono::duration<double>(ended - measured_from).count());
    }

    // A storm is over when everybody is there; the others take their time.
    bool ends_early() const { return what_.kind == scenario_kind::connect; }

    // Until every thread has left the load: what they send meanwhile is measured.
    void break_off() {
        stage_.stop = true;
        for (auto& each : workers_) each->wake();
        while (!std::ranges::all_of(workers_, &worker::finished_load)) {
            std::this_thread::sleep_for(edge_pace);
        }
    }

    // The measured time's end: a run that is broken off has not all of it.
    bench_clock::time_point load_ended() const {
        auto out = stage_.start;
        for (auto const& each : workers_) out = std::max(out, each->load_ended());
        return std::min(out, stage_.end);
    }

    double whole() const { return (what_.warm_up + what_.measured()).count(); }

    void settle() {
        auto const began = bench_clock::now();
        while (!stop_ && !std::ranges::all_of(workers_, &worker::ended)) {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            take_seconds();
            if (since(last_shown_) >= 0.2) {
                tell(run_phase::settling, since(began), what_.patience.count());
            }
        }
        stage_.stop = true;
        for (auto& each : workers_) each->wake();
        for (auto& each : workers_) each->join();
    }

    // What server and bench have used by a moment of the load.
    struct usage {
        bench_clock::time_point at;
        std::optional<double> server;
        double bench;
        std::optional<double> stolen;
        std::vector<thread_cost> threads;  // of each worker the worker itself and its helper
    };

    usage used() {
        usage out{
            bench_clock::now(), watch_.cpu_seconds(), own_cpu_seconds(), stolen_seconds(), {}};
        for (auto const& each : workers_) {
            out.threads.push_back(each->cost());
            out.threads.push_back(each->helper_cost());
        }
        return out;
    }

    void note_usage(usage const& before, usage const& after) {
        auto& load = found_.load;
        double const lasted = std::chrono::duration<double>(after.at - before.at).count();
        if (before.server && after.server) load.server_cpu_seconds = *after.server - *before.server;
        for (auto& each : doubts_of_threads(before.threads, after.threads, lasted)) {
            warn(std::move(each));
        }
        load.bench_cpu_seconds = after.bench - before.bench;
        load.watched_seconds = lasted;
        if (before.stolen && after.stolen && lasted > 0) {
            load.stolen_seconds = *after.stolen - *before.stolen;
            warn(doubt_of_steal(*load.stolen_seconds / lasted,
                                static_cast<std::size_t>(get_nprocs())));
        }
    }

    void warn(std::optional<std::string> text) {
        if (text) found_.warnings.push_back(std::move(*text));
    }

    void take_seconds() {
        std::optional<costs> found;
        timeline_.take(workers_, [&](second& at) {
            at.offered = messages_between(what_.all_steps(), at.at, at.at + at.lasted) / at.lasted;
            // Those that are taken together share what was used since the ones before them.
            if (!found) found = look_at_costs();
            at.server_cores = found->server_cores;
            at.bench_cores = found->bench_cores;
            at.server_bytes = found->server_bytes;
        });
    }

    // What was used per second since the last look.
    struct costs {
        double server_cores = 0;
        double bench_cores = 0;
        double server_bytes = 0;
    };

    costs look_at_costs() {
        return {server_meter_.on(watch_.cpu_seconds()), bench_meter_.on(own_cpu_seconds()),
                static_cast<double>(watch_.pss_bytes().value_or(0))};
    }

    void tell(run_phase phase, double elapsed, double of) {
        last_shown_ = bench_clock::now();
        if (!show_) return;
        moment now{phase, elapsed, of, sessions(), what_.clients(), {}};
        now.seconds = timeline_.take_new();
        show_(now);
    }

    std::uint64_t sessions() const { return sessions_.now(); }

    void rethrow_failures() {
        for (auto& each : workers_) {
            if (each->ended()) each->join();
        }
    }

    parts_of_load parts() const {
        parts_of_load out;
        out.connects = what_.kind == scenario_kind::connect || what_.kind == scenario_kind::churn;
        out.sends = !out.connects && what_.kind != scenario_kind::idle;
        out.delivers = out.sends && (what_.kind == scenario_kind::direct || what_.subscribers != 0);
        out.asks_receipts = out.sends && what_.receipts;
        return out;
    }

    run_result collect() {
        found_.measured_seconds = found_.load.seconds;
        take_seconds();
        found_.seconds = timeline_.all();
        for (auto& each : workers_) each->finish(found_);
        found_.load.offered = messages_between(what_.steps, 0, found_.load.seconds);
        if (what_.open_loop()) {
            warn(doubt_of_lag(found_.lag));
        } else {
            found_.lag = {};  // nothing was due before it was sent
        }
        found_.server_memory_is_whole = watch_.problems().empty();
        found_.server_cpu_is_whole = server_.pids.empty() || watch_.watches();
        for (auto const& each : watch_.problems()) warn(each);
        found_.does = parts();
        bool const whole = !stop_ && !found_.failed;
        if (whole && found_.does.connects && found_.load.connects == 0) {
            found_.failed = true;
            ++found_.errors["nobody was connected"];
        }
        if (stop_) {
            found_.failed = true;
            ++found_.errors["stopped before its end"];
        }
        return std::move(found_);
    }

    target const& server_;
    plan const& what_;
    std::function<void(moment const&)> const& show_;
    std::atomic<bool> const& stop_;
    identities who_;
    server_watch watch_;
    session_count sessions_;
    stage stage_;
    std::vector<std::uint64_t> rooms_;
    std::vector<std::unique_ptr<worker>> workers_;
    timeline timeline_;
    rate_meter server_meter_;
    rate_meter bench_meter_;
    run_result found_;
    bench_clock::time_point last_shown_;
};

}  // namespace

std::string_view to_string(run_phase phase) noexcept {
    constexpr std::array<std::string_view, 5> names{"preparing", "opening", "warm-up", "load",
                                                    "settling"};
    return names.at(static_cast<std::size_t>(phase));
}

std::string describe(plan const& what) {
    std::string out(to_string(what.kind));
    switch (what.kind) {
        case scenario_kind::connect:
        case scenario_kind::idle: return out + fmt::format(", {} sessions", what.sessions);
        case scenario_kind::churn: return out + fmt::format(", {} at a time", what.connecting);
        case scenario_kind::direct: out += fmt::format(", {} pairs", what.pairs); break;
        case scenario_kind::slow:
            out += fmt::format(" {} x {}, {} of them stopped", what.rooms, what.subscribers,
                               what.slow_readers);
            break;
        default: out += fmt::format(" {} x {}", what.rooms, what.subscribers);
    }
    if (what.stored) out += ", stored";
    if (what.publishers_stay) out += ", publishers stay";
    if (what.user_queues) out += ", queues of users";
    if (!what.open_loop()) {
        out += ", full load";
    } else {
        for (auto const& step : what.steps) {
            out += step.from == step.to ? fmt::format(", {}/s", step.to)
                                        : fmt::format(", {} to {}/s", step.from, step.to);
        }
    }
    return out + fmt::format(", {} bytes", what.body_bytes);
}

run_result run_plan(target const& server, plan const& what,
                    std::function<void(moment const&)> const& show, std::atomic<bool> const& stop) {
    return conduct(server, what, show, stop).go();
}

}  // namespace bench
