#include "bench/report/second_columns.hpp"

#include "bench/report/latency_points.hpp"

namespace bench {
namespace {

using reading = std::optional<double>;

reading when_positive(double value) {
    if (value <= 0) return std::nullopt;
    return value;
}

double rate(second const& one, std::uint64_t count) {
    return static_cast<double>(count) / (one.lasted > 0 ? one.lasted : 1);
}

template <histogram second::*Values>
reading milliseconds(second const& one, double quantile) {
    histogram const& values = one.*Values;
    if (values.count() == 0) return std::nullopt;
    return to_milliseconds(values.at(quantile));
}

constexpr second_column columns[] = {
    {"at", [](second const& one) -> reading { return one.at; }},
    {"lasted", [](second const& one) -> reading { return one.lasted; }},
    {"warm_up", [](second const& one) -> reading { return one.warm_up ? 1 : 0; }},
    {"offered_rate", [](second const& one) { return when_positive(one.offered); }},
    {"sent_rate", [](second const& one) -> reading { return rate(one, one.sent); }},
    {"delivered_rate", [](second const& one) -> reading { return rate(one, one.delivered); }},
    {"receipt_rate", [](second const& one) -> reading { return rate(one, one.receipts); }},
    {"connect_rate", [](second const& one) -> reading { return rate(one, one.connects); }},
    {"errors", [](second const& one) -> reading { return static_cast<double>(one.errors); }},
    {"sessions", [](second const& one) -> reading { return static_cast<double>(one.sessions); }},
    {"delivery_p50_ms", [](second const& one) { return milliseconds<&second::delivery>(one, .5); }},
    {"delivery_p99_ms",
     [](second const& one) { return milliseconds<&second::delivery>(one, .99); }},
    {"delivery_max_ms", [](second const& one) { return milliseconds<&second::delivery>(one, 1); }},
    {"receipt_p50_ms", [](second const& one) { return milliseconds<&second::receipt>(one, .5); }},
    {"receipt_p99_ms", [](second const& one) { return milliseconds<&second::receipt>(one, .99); }},
    {"receipt_max_ms", [](second const& one) { return milliseconds<&second::receipt>(one, 1); }},
    {"round_trip_p50_ms",
     [](second const& one) { return milliseconds<&second::round_trip>(one, .5); }},
    {"round_trip_p99_ms",
     [](second const& one) { return milliseconds<&second::round_trip>(one, .99); }},
    {"round_trip_max_ms",
     [](second const& one) { return milliseconds<&second::round_trip>(one, 1); }},
    {"server_cores", [](second const& one) { return when_positive(one.server_cores); }},
    {"server_bytes", [](second const& one) { return when_positive(one.server_bytes); }},
    {"bench_cores", [](second const& one) { return when_positive(one.bench_cores); }},
    {"settling", [](second const& one) -> reading { return one.settling ? 1 : 0; }},
};

}  // namespace

std::span<second_column const> second_columns() noexcept {
    return columns;
}

}  // namespace bench
