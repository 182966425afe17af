#include "bench/run/recorder.hpp"

#include <algorithm>
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

double seconds_between(bench_clock::time_point from, bench_clock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
}

}  // namespace

bench_clock::time_point load_times::second_ends(bench_clock::time_point begin) const noexcept {
    auto out = begin + std::chrono::seconds(1);
    if (begin < measured_from) out = std::min(out, measured_from);
    if (begin < measured_to) out = std::min(out, measured_to);
    return out;
}

void recorder::begin(bench_clock::time_point start, bench_clock::duration warm_up,
                     bench_clock::time_point end) {
    times_ = {start, start + warm_up, end};
    begin_second(start);
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

std::size_t recorder::seconds_over() const {
    std::scoped_lock const lock(mutex_);
    return whole_.size();
}

std::vector<second> recorder::seconds_from(std::size_t from) const {
    std::scoped_lock const lock(mutex_);
    if (from >= whole_.size()) return {};
    return {whole_.begin() + static_cast<std::ptrdiff_t>(from), whole_.end()};
}

void recorder::close(bench_clock::time_point now) {
    if (times_.start == bench_clock::time_point::max()) return;
    catch_up(now);
    if (now > second_began_) end_second(now);
}

void recorder::catch_up(bench_clock::time_point now) {
    while (now >= second_ends_) {
        auto const over = second_ends_;
        end_second(over);
        begin_second(over);
    }
}

void recorder::begin_second(bench_clock::time_point at) {
    second_ = {};
    second_.sessions = sessions_->now();
    second_.at = seconds_between(times_.start, at);
    second_.warm_up = times_.warming_up(at);
    second_.settling = !second_.warm_up && !times_.measuring(at);
    second_began_ = at;
    second_ends_ = times_.second_ends(at);
}

void recorder::end_second(bench_clock::time_point at) {
    second_.lasted = seconds_between(second_began_, at);
    std::scoped_lock const lock(mutex_);
    whole_.push_back(std::move(second_));
}

}  // namespace bench
