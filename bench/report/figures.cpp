#include "bench/report/figures.hpp"

#include "bench/report/latency_points.hpp"

#include <algorithm>
#include <numeric>
#include <string>

namespace bench {
namespace {

using enum better;

constexpr figure_kind before_latencies[] = {
    {"sent_rate", "/s", "sent", "throughput", higher},
    {"offered_rate", "/s", "asked for by the schedule", "throughput", neither},
    {"delivered_rate", "/s", "delivered", "throughput", higher},
    {"receipt_rate", "/s", "receipts", "throughput", higher},
    {"connect_rate", "/s", "connected", "throughput", higher},
};

constexpr figure_kind after_latencies[] = {
    {"sent", "", "sent", "messages", neither},
    {"delivered", "", "delivered", "messages", neither},
    {"lost", "", "lost", "messages", lower},
    {"duplicates", "", "twice", "messages", lower},
    {"out_of_order", "", "out of order", "messages", lower},
    {"receipts_missing", "", "receipts missing", "messages", lower},
    {"history_missing", "", "pages of history missing", "messages", lower},
    {"room_lost", "", "lost in a room's sequence", "messages", lower},
    {"room_duplicates", "", "twice in a room's sequence", "messages", lower},
    {"room_out_of_order", "", "out of a room's sequence", "messages", lower},
    {"errors", "", "errors", "messages", lower},
    {"sessions", "", "most at once", "sessions", neither},
    {"sessions_held", "", "held to the end", "sessions", higher},
    {"sessions_failed", "", "failed", "sessions", lower},
    {"sessions_missing", "", "not there in time", "sessions", lower},
    {"resume_missing", "", "not back in time", "sessions", lower},
    {"leaves", "", "left a room", "sessions", neither},
    {"joins", "", "came back to a room", "sessions", neither},
    {"cycles", "", "connected and left again", "sessions", higher},
    {"slow_readers_closed", "", "slow readers closed", "sessions", neither},
    {"server_cpu", "cores", "CPU", "server", lower},
    {"cpu_per_delivery", "us", "CPU per delivery", "server", lower},
    {"cpu_per_message", "us", "CPU per message sent", "server", lower},
    {"cpu_per_connect", "us", "CPU per connect", "server", lower},
    {"pss", "MiB", "memory (PSS)", "server", lower},
    {"pss_per_session", "KiB", "memory per session", "server", lower},
    {"bench_cpu", "cores", "CPU", "bench", neither},
    {"lag_p99", "ms", "late by itself, p99", "bench", lower},
    {"lag_max", "ms", "late by itself, max", "bench", lower},
    {"machine_steal", "cores", "taken by its host (steal)", "machine", neither},
};

// Names and titles that are put together live as long as the program.
struct made_texts {
    std::vector<std::string> names;
    std::vector<std::string> groups;
    std::vector<figure_kind> kinds;

    made_texts() {
        names.reserve(latency_kinds * latency_points.size());
        groups.reserve(latency_kinds);
        kinds.assign(std::begin(before_latencies), std::end(before_latencies));
        for (latency const kind : latency_order) {
            std::string title{to_string(kind)};
            std::replace(title.begin(), title.end(), '_', ' ');
            groups.push_back(title + " latency");
            for (latency_point const& point : latency_points) {
                names.push_back(std::string{to_string(kind)} + "_" + std::string{point.name});
                kinds.push_back({names.back(), "ms", point.title, groups.back(), lower});
            }
        }
        kinds.insert(kinds.end(), std::begin(after_latencies), std::end(after_latencies));
    }
};

made_texts const& all_kinds() {
    static made_texts const made;
    return made;
}

class collector {
public:
    explicit collector(std::vector<figure> own) : own_(std::move(own)) {}

    // The value in its kind's unit.
    void add(std::string_view name, std::optional<double> value) {
        if (!value || std::any_of(own_.begin(), own_.end(),
                                  [&](figure const& one) { return one.name == name; })) {
            return;
        }
        own_.push_back({std::string{name}, *value, std::string{find_figure_kind(name)->unit}});
    }

    // In the order of the kinds; what only a scenario knows comes last.
    std::vector<figure> ordered() && {
        auto const place = [](figure const& one) {
            figure_kind const* kind = find_figure_kind(one.name);
            return kind ? kind - figure_kinds().data() : std::ptrdiff_t{1} << 32;
        };
        std::stable_sort(own_.begin(), own_.end(),
                         [&](figure const& a, figure const& b) { return place(a) < place(b); });
        return std::move(own_);
    }

private:
    std::vector<figure> own_;
};

std::optional<double> ratio(std::optional<double> value, double by) {
    if (!value || by <= 0) return std::nullopt;
    return *value / by;
}

// Of nothing there is one only where it was looked for.
std::optional<double> rate(std::uint64_t count, double seconds, bool looked_for = false) {
    if ((count == 0 && !looked_for) || seconds <= 0) return std::nullopt;
    return static_cast<double>(count) / seconds;
}

std::optional<double> micros(std::optional<double> cpu_seconds, std::uint64_t by) {
    auto const each = ratio(cpu_seconds, static_cast<double>(by));
    if (!each) return std::nullopt;
    return *each * 1e6;
}

void add_throughput(collector& to, run_result const& result) {
    span_of_run const& load = result.load;
    parts_of_load const& does = result.does;
    bool const delivers = does.delivers || result.arrivals.expected != 0;
    to.add("sent_rate", rate(load.sent, load.seconds, does.sends));
    if (load.offered > 0) to.add("offered_rate", ratio(load.offered, load.seconds));
    to.add("delivered_rate", rate(load.delivered, load.seconds, delivers));
    to.add("receipt_rate", rate(load.receipts, load.seconds, does.asks_receipts));
}

// Connecting is the load of some scenarios and comes before that of the others.
void add_connecting(collector& to, run_result const& result) {
    bool const is_the_load = result.does.connects;
    span_of_run const& where = is_the_load ? result.load : result.opening;
    to.add("connect_rate", rate(where.connects, where.seconds, is_the_load));
    if (result.server_cpu_is_whole) {
        to.add("cpu_per_connect", micros(where.server_cpu_seconds, where.connects));
    }
}

void add_latencies(collector& to, run_result const& result) {
    for (auto const& [kind, values] : result.latencies) {
        if (values.count() == 0) continue;
        for (latency_point const& point : latency_points) {
            to.add(std::string{to_string(kind)} + "_" + std::string{point.name},
                   milliseconds_at(values, point));
        }
    }
    if (result.lag.count() != 0) {
        to.add("lag_p99", to_milliseconds(result.lag.at(0.99)));
        to.add("lag_max", to_milliseconds(result.lag.max()));
    }
}

void add_counts(collector& to, run_result const& result) {
    auto const count = [&](std::string_view name, std::uint64_t value) {
        to.add(name, static_cast<double>(value));
    };
    bool const measured = result.load.seconds > 0;
    if (result.load.sent != 0 || (result.does.sends && measured)) count("sent", result.load.sent);
    if (result.arrivals.expected != 0 || result.load.delivered != 0 ||
        (result.does.delivers && measured)) {
        count("delivered", result.load.delivered);
    }
    if (result.arrivals.expected != 0) {
        count("lost", result.arrivals.lost);
        count("duplicates", result.arrivals.duplicates);
        count("out_of_order", result.arrivals.out_of_order);
    }
    if (result.room_sequence.expected != 0) {
        count("room_lost", result.room_sequence.lost);
        count("room_duplicates", result.room_sequence.duplicates);
        count("room_out_of_order", result.room_sequence.out_of_order);
    }
    std::uint64_t sessions = result.sessions_opened;
    for (second const& one : result.seconds) sessions = std::max(sessions, one.sessions);
    count("sessions", sessions);
    count("errors",
          std::accumulate(result.errors.begin(), result.errors.end(), std::uint64_t{0},
                          [](std::uint64_t sum, auto const& one) { return sum + one.second; }));
}

void add_cpu(collector& to, run_result const& result) {
    span_of_run const& load = result.load;
    double const watched = load.watched_seconds > 0 ? load.watched_seconds : load.seconds;
    if (result.server_cpu_is_whole) {
        to.add("server_cpu", ratio(load.server_cpu_seconds, watched));
        to.add("cpu_per_delivery", micros(load.server_cpu_seconds, load.delivered));
        to.add("cpu_per_message", micros(load.server_cpu_seconds, load.sent));
    }
    to.add("bench_cpu", ratio(load.bench_cpu_seconds, watched));
    to.add("machine_steal", ratio(load.stolen_seconds, watched));
}

void add_memory(collector& to, run_result const& result) {
    if (!result.server_memory_is_whole) return;
    double most = result.pss_opened ? static_cast<double>(*result.pss_opened) : 0;
    for (second const& one : result.seconds) most = std::max(most, one.server_bytes);
    if (most > 0) to.add("pss", most / (1 << 20));
    // A server that has room from before does not grow by what its sessions need.
    if (result.pss_before && result.pss_opened && *result.pss_opened > *result.pss_before &&
        result.sessions_opened != 0) {
        auto const grown = static_cast<double>(*result.pss_opened - *result.pss_before);
        to.add("pss_per_session", grown / 1024 / static_cast<double>(result.sessions_opened));
    }
}

}  // namespace

std::span<figure_kind const> figure_kinds() {
    return all_kinds().kinds;
}

figure_kind const* find_figure_kind(std::string_view name) noexcept {
    auto const kinds = figure_kinds();
    auto const found = std::find_if(kinds.begin(), kinds.end(),
                                    [&](figure_kind const& one) { return one.name == name; });
    return found == kinds.end() ? nullptr : &*found;
}

void add_figures(run_result& result) {
    collector all{std::move(result.figures)};
    add_throughput(all, result);
    add_connecting(all, result);
    add_latencies(all, result);
    add_counts(all, result);
    add_cpu(all, result);
    add_memory(all, result);
    result.figures = std::move(all).ordered();
}

}  // namespace bench
