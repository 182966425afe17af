#include "node/health/link_watch.hpp"

#include <algorithm>
#include <utility>

namespace node::health {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;

std::string_view name_of(link_state state) noexcept {
    switch (state) {
        case link_state::unknown: return "unknown";
        case link_state::well: return "well";
        case link_state::ill: return "ill";
    }
    return "unknown";
}

link_watch::link_watch(watch_timing const& timing, moment now)
    : timing_(timing), patient_until_(now.steady + timing.patience), next_(now.steady) {
    report_.since = now.wall;
}

std::optional<std::uint64_t> link_watch::take_due(moment now) {
    if (under_way_ || now.steady < next_) return std::nullopt;
    under_way_ = under_way{++last_number_, now.steady};
    auto const starting = report_.state == link_state::unknown;
    next_ =
        now.steady + (starting ? std::min(timing_.interval, interval_at_start) : timing_.interval);
    return last_number_;
}

void link_watch::not_sent(std::uint64_t number, moment) {
    // It is ill or unknown already: that the earlier one was given up has said so.
    if (under_way_ && under_way_->number == number) under_way_.reset();
}

std::optional<link_change> link_watch::answered(std::uint64_t number, std::string_view error,
                                                moment now) {
    if (!under_way_ || under_way_->number != number) {
        // Too late to count, and a sign of life: worth the next try at once.
        if (!under_way_ && error.empty()) next_ = now.steady;
        return std::nullopt;
    }
    auto const sent = under_way_->sent;
    under_way_.reset();
    if (!error.empty()) return failed(std::string(error), now);

    auto const before = std::exchange(report_.state, link_state::well);
    report_.last_success = now.wall;
    report_.round_trip = duration_cast<microseconds>(now.steady - sent);
    if (before == link_state::well) return std::nullopt;
    report_.since = now.wall;
    next_ = sent + timing_.interval;
    if (before == link_state::unknown) return std::nullopt;
    return link_change{.state = link_state::well,
                       .error = {},
                       .lasted = duration_cast<milliseconds>(now.steady - ill_since_)};
}

std::optional<link_change> link_watch::look(moment now) {
    if (under_way_ && now.steady >= under_way_->sent + timing_.timeout) {
        under_way_.reset();
        return failed("no answer within " + std::to_string(timing_.timeout.count()) + " ms", now);
    }
    return std::nullopt;
}

std::optional<link_change> link_watch::failed(std::string why, moment now) {
    report_.last_error = why;
    report_.last_error_at = now.wall;
    if (report_.state == link_state::ill) return std::nullopt;
    if (report_.state == link_state::unknown && now.steady < patient_until_) return std::nullopt;
    report_.state = link_state::ill;
    report_.since = now.wall;
    ill_since_ = now.steady;
    return link_change{.state = link_state::ill, .error = std::move(why), .lasted = {}};
}

clock::time_point link_watch::next_due() const {
    return under_way_ ? under_way_->sent + timing_.timeout : next_;
}

}  // namespace node::health
