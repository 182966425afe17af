#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What is known of one link from the canaries that were sent on it. Pure: times come from the
// caller, who sends what is due and tells what came back. Not thread-safe.
//
// One canary is under way at a time. One that is not answered within its timeout is given up, and
// the link is ill; the first that is answered in time makes it well. Until a link was well for the
// first time, or its patience at the start is over, a failure only says why, and the next canary
// comes soon.

namespace node::health {

using clock = std::chrono::steady_clock;
using wall_clock = std::chrono::system_clock;

enum class link_state : std::uint8_t { unknown, well, ill };
std::string_view name_of(link_state state) noexcept;

struct watch_timing {
    std::chrono::milliseconds interval{5'000};  // from one canary to the next
    std::chrono::milliseconds timeout{5'000};   // for an answer
    std::chrono::milliseconds patience{15'000};
};

struct moment {
    clock::time_point steady;
    wall_clock::time_point wall;
};

struct link_report {
    link_state state = link_state::unknown;
    wall_clock::time_point since{};  // of the state
    std::optional<wall_clock::time_point> last_success{};
    std::chrono::microseconds round_trip{0};  // of the last success
    std::string last_error{};
    wall_clock::time_point last_error_at{};  // with a last_error
};

// The state is another one now, but for the first time of well.
struct link_change {
    link_state state;
    std::string error;                    // ill: why
    std::chrono::milliseconds lasted{0};  // well: how long it was ill
};

class link_watch {
public:
    static constexpr std::chrono::milliseconds interval_at_start{250};

    link_watch(watch_timing const& timing, moment now);

    // The number of the canary that is to be sent now, if one is.
    std::optional<std::uint64_t> take_due(moment now);
    // It could not be sent because an earlier one is still at work.
    void not_sent(std::uint64_t number, moment now);
    // It came back; or it failed, with the reason.
    std::optional<link_change> answered(std::uint64_t number, std::string_view error, moment now);
    // Gives up what is overdue.
    std::optional<link_change> look(moment now);
    // When to take_due() or look() again.
    clock::time_point next_due() const;

    link_report const& report() const noexcept { return report_; }
    bool was_well() const noexcept { return report_.last_success.has_value(); }

private:
    struct under_way {
        std::uint64_t number;
        clock::time_point sent;
    };

    std::optional<link_change> failed(std::string why, moment now);

    watch_timing const timing_;
    clock::time_point const patient_until_;
    std::optional<under_way> under_way_;
    clock::time_point next_;
    clock::time_point ill_since_{};
    std::uint64_t last_number_ = 0;
    link_report report_;
};

}  // namespace node::health
