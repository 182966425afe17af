#pragma once

#include "bench/measure/arrivals.hpp"
#include "bench/measure/histogram.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What a run found: plain values, made by run/, written by report/.

namespace bench {

// The kinds of latency that a run can have. Each counts from the moment the thing was due.
enum class latency : std::uint8_t {
    connect,     // TCP connect to CONNECTED
    subscribe,   // SUBSCRIBE to its RECEIPT
    delivery,    // SEND due to MESSAGE arrived
    same_url,    // those deliveries whose sender and subscriber took the same URL
    other_url,   // and the others, where there are several
    receipt,     // SEND due to RECEIPT
    round_trip,  // SEND due to the answer of the other side
    history,     // a page of history over HTTP
    resume,      // cut off to everything missed arrived
};
inline constexpr std::size_t latency_kinds = 9;
std::string_view to_string(latency kind) noexcept;

// One second of a run, over all threads. It is of the warm-up, of the measured time or of the wait
// for the last messages: where one of these ends, the second is broken off.
struct second {
    double at = 0;      // since the load began
    double lasted = 1;  // less for one that was broken off
    std::uint64_t sent = 0;
    std::uint64_t delivered = 0;
    std::uint64_t receipts = 0;
    std::uint64_t connects = 0;
    std::uint64_t errors = 0;
    histogram delivery;  // empty where nothing was delivered
    histogram receipt;
    histogram round_trip;
    double offered = 0;       // messages per second that the schedule asked for; 0: none
    double server_cores = 0;  // CPU seconds per second, of the server's processes
    double server_bytes = 0;  // PSS; 0 when it was not read in this second
    double bench_cores = 0;
    std::uint64_t sessions = 0;  // the most that were connected at once
    bool warm_up = false;
    bool settling = false;  // after the measured time
};

// What happened and was used between two moments: what rates and costs are made of.
struct span_of_run {
    double seconds = 0;
    std::uint64_t sent = 0;
    std::uint64_t delivered = 0;
    std::uint64_t receipts = 0;
    std::uint64_t connects = 0;
    double offered = 0;  // messages that the schedule asked for; 0: full load
    // CPU is looked at when there is time for it: a moment after the span began, and after it
    // ended. What was used between the two is of so many seconds; 0: of `seconds`.
    double watched_seconds = 0;
    std::optional<double> server_cpu_seconds = std::nullopt;  // of all the server's processes
    std::optional<double> bench_cpu_seconds = std::nullopt;
    std::optional<double> stolen_seconds = std::nullopt;  // see measure/stolen_time.hpp
};

// What the load of a run does. How much of it there was is known even when it is nothing.
struct parts_of_load {
    bool sends = false;
    bool delivers = false;
    bool asks_receipts = false;
    bool connects = false;
};

struct figure {
    std::string name;  // "delivery_p99", fixed: thresholds and scripts rely on it
    double value = 0;
    std::string unit;  // "ms", "us", "/s", "KiB", "cores", "" for counts
};

struct run_result {
    std::string target;    // its name
    std::string scenario;  // "fan-out 100 x 10, full load, 200 bytes"
    std::string started;   // UTC, ISO 8601
    std::string command;   // that made it, as one would type it
    std::string machine;   // "2 x AMD EPYC 7763, Linux 6.1"; empty: not said
    double measured_seconds = 0;
    parts_of_load does;
    span_of_run opening;  // from the first connect until all was ready
    span_of_run load;     // the measured time: neither warm-up nor what came after the last SEND
    std::optional<std::uint64_t> pss_before;  // the server's, before the first client came
    std::optional<std::uint64_t> pss_opened;  // with all clients there, before the load
    // The server could be watched to the end. What was seen of one that could not is no figure.
    bool server_cpu_is_whole = true;
    bool server_memory_is_whole = true;
    std::uint64_t sessions_opened = 0;       // how many clients were there then
    arrival_counts arrivals;                 // per publisher and subscriber, the warm-up included
    arrival_counts room_sequence;            // per room and subscriber; stored messages only
    std::map<latency, histogram> latencies;  // of what was due in the measured time
    histogram lag;                           // how late the bench itself sent what was due
    std::vector<second> seconds;
    std::map<std::string, std::uint64_t> errors;  // by text: ERROR frames, closed connections
    std::vector<std::string> warnings;            // the bench was the bottleneck, and the like
    // Everything above as single numbers, in the order to show them: what a scenario adds of its
    // own, and by add_figures() all the rest.
    std::vector<figure> figures;
    bool failed = false;  // it ended before its time: `errors` says why

    figure const* find(std::string_view name) const noexcept;
    // A count that several threads make up.
    void add_count(std::string_view name, std::uint64_t value);
};

}  // namespace bench
