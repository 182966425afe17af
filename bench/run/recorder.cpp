#include "bench/run/recorder.hpp"

#include <utility>

namespace bench {
namespace {

constexpr std::int64_t nanoseconds(bench_clock::duration value) noexcept {
    return std::chrono::nanoseconds(value).count();
}

// A second's own histogram for the latencies that are drawn over time.
histogram* of_second(second& in, latency kind) noexcept {
    switch (kind) {
        case latency::delivery: return &in.delivery;
        case latency::receipt: return &in.receipt;
        case latency::round_trip: return &in.round_trip;
        default: return nullptr;
    }
}

}  // namespace

void recorder::begin(bench_clock::time_point start, bench_clock::duration warm_up,
                     bench_clock::time_point end) {
    start_ = start;
    measure_from_ = start + warm_up;
    measure_to_ = end;
    second_ends_ = start + std::chrono::seconds(1);
    second_ = {};
    second_.warm_up = start < measure_from_;
    totals_ = {};
}

void recorder::sent(bench_clock::time_point due, bench_clock::time_point possible,
                    bench_clock::time_point now) {
    ++current(now).sent;
    if (measuring(now)) ++totals_.sent;
    if (measuring(due)) totals_.lag.add(nanoseconds(now - possible));
}

void recorder::took(latency kind, bench_clock::time_point due, bench_clock::time_point now) {
    std::int64_t const value = nanoseconds(now - due);
    if (histogram* const shown = of_second(current(now), kind)) shown->add(value);
    if (measuring(due)) totals_.latencies[static_cast<std::size_t>(kind)].add(value);
}

void recorder::error(std::string_view text, bench_clock::time_point now) {
    ++current(now).errors;
    auto const found = totals_.errors.find(text);
    if (found != totals_.errors.end()) {
        ++found->second;
    } else {
        totals_.errors.emplace(text, 1);
    }
}

std::vector<second> recorder::seconds_from(std::size_t from) const {
    std::scoped_lock const lock(mutex_);
    if (from >= whole_.size()) return {};
    return {whole_.begin() + static_cast<std::ptrdiff_t>(from), whole_.end()};
}

void recorder::catch_up(bench_clock::time_point now) {
    while (now >= second_ends_) end_second();
}

void recorder::end_second() {
    second_.sessions = sessions();
    auto const next_begins = second_ends_;
    second_ends_ += std::chrono::seconds(1);
    {
        std::scoped_lock const lock(mutex_);
        whole_.push_back(std::move(second_));
    }
    second_ = {};
    second_.at = std::chrono::duration<double>(next_begins - start_).count();
    second_.warm_up = next_begins < measure_from_;
}

}  // namespace bench
