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
    receipt,     // SEND due to RECEIPT
    round_trip,  // SEND due to the answer of the other side
    history,     // a page of history over HTTP
    resume,      // cut off to everything missed arrived
};
inline constexpr std::size_t latency_kinds = 7;
std::string_view to_string(latency kind) noexcept;

// One second of a run, over all threads.
struct second {
    double at = 0;  // since the load began
    std::uint64_t sent = 0;
    std::uint64_t delivered = 0;
    std::uint64_t receipts = 0;
    std::uint64_t connects = 0;
    std::uint64_t errors = 0;
    histogram delivery;  // empty where nothing was delivered
    histogram receipt;
    histogram round_trip;
    double offered = 0;       // messages per second that the schedule asked for; 0: full load
    double server_cores = 0;  // CPU seconds per second, of the server's processes
    double server_bytes = 0;  // PSS; 0 when it was not read in this second
    double bench_cores = 0;
    std::uint64_t sessions = 0;  // connected
    bool warm_up = false;
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
    double measured_seconds = 0;
    arrival_counts arrivals;                 // per publisher and subscriber, the warm-up included
    arrival_counts room_sequence;            // per room and subscriber; stored messages only
    std::map<latency, histogram> latencies;  // of what was due in the measured time
    histogram lag;                           // how late the bench itself sent what was due
    std::vector<second> seconds;
    std::map<std::string, std::uint64_t> errors;  // by text: ERROR frames, closed connections
    std::vector<std::string> warnings;            // the bench was the bottleneck, and the like
    std::vector<figure> figures;  // everything above as single numbers, in the order to show them
    bool failed = false;          // it ended before its time: `errors` says why

    figure const* find(std::string_view name) const noexcept;
};

}  // namespace bench
