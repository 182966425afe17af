#include "bench/run/timeline.hpp"

#include <algorithm>
#include <utility>

namespace bench {
namespace {

void add(second& to, second const& from) {
    to.at = from.at;
    // Threads that broke off a second did so one after the other.
    to.lasted = std::max(to.lasted, from.lasted);
    to.warm_up = from.warm_up;
    to.settling = from.settling;
    to.sent += from.sent;
    to.delivered += from.delivered;
    to.receipts += from.receipts;
    to.connects += from.connects;
    to.errors += from.errors;
    // Each thread has seen those of all: as many as there were when one of its own came.
    to.sessions = std::max(to.sessions, from.sessions);
    to.delivery.add(from.delivery);
    to.receipt.add(from.receipt);
    to.round_trip.add(from.round_trip);
}

}  // namespace

void timeline::take(std::vector<std::unique_ptr<worker>> const& from,
                    std::function<void(second&)> const& complete) {
    std::size_t most = 0;
    std::size_t in_all = SIZE_MAX;
    for (auto const& each : from) {
        // Whether it has ended is asked first: what it adds until then is seen.
        bool const ended = each->ended();
        std::size_t const over = each->record().seconds_over();
        most = std::max(most, over);
        if (!ended) in_all = std::min(in_all, over);
    }
    std::size_t const until = std::min(most, in_all);
    if (until <= all_.size()) return;
    std::vector<std::vector<second>> parts;
    parts.reserve(from.size());
    for (auto const& each : from) parts.push_back(each->record().seconds_from(all_.size()));
    std::size_t const count = until - all_.size();
    for (std::size_t i = 0; i < count; ++i) {
        second sum;
        sum.lasted = 0;
        for (auto const& part : parts) {
            if (i < part.size()) add(sum, part[i]);
        }
        complete(sum);
        all_.push_back(std::move(sum));
        next_ends_ = times_.second_ends(next_ends_);
    }
}

std::vector<second> timeline::take_new() {
    std::vector<second> out(all_.begin() + static_cast<std::ptrdiff_t>(shown_), all_.end());
    shown_ = all_.size();
    return out;
}

double rate_meter::on(std::optional<double> value) {
    auto const now = bench_clock::now();
    double const passed = std::chrono::duration<double>(now - at_).count();
    double const out = value && last_ && passed > 0 ? (*value - *last_) / passed : 0;
    last_ = value;
    at_ = now;
    return out;
}

}  // namespace bench
