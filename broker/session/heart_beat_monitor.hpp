#pragma once

#include "broker/ports/clock.hpp"
#include "broker/session/session_limits.hpp"
#include "stomp/heart_beat.hpp"

#include <chrono>
#include <cstdint>

// When a heart-beat is due and when the client is missing (STOMP 1.2, "Heart-beating").
//
// Any data counts as a beat, in both directions. The client gets twice its interval and a grace;
// on links with pings of their own much more, since browsers slow the timers of background tabs
// to one a minute and the pings find those who are really gone.
// Owned by one session, used on its shard thread only.

namespace broker {

// What a transport can do for its session.
struct link_traits {
    bool heart_beats = true;  // it carries STOMP heart-beats; if not, none are negotiated
    bool pings = false;       // it finds dead peers by itself (WebSocket ping, SockJS polling)
};

class heart_beat_monitor {
public:
    heart_beat_monitor() = default;
    heart_beat_monitor(stomp::heart_beat_plan plan, session_limits const& limits, link_traits link,
                       steady_time now) noexcept;

    void on_received(steady_time now) noexcept { last_received_ = now; }
    void on_sent(steady_time now) noexcept { last_sent_ = now; }

    bool beat_due(steady_time now) const noexcept { return now >= send_deadline(); }
    bool client_missing(steady_time now) const noexcept { return now >= receive_deadline(); }

    // The earlier of the two; steady_time::max() where there are no heart-beats.
    steady_time next_deadline() const noexcept;

    // How long a silent client is waited for; zero: for ever.
    std::chrono::milliseconds patience() const noexcept {
        return std::chrono::milliseconds(patience_ms_);
    }

    steady_time send_deadline() const noexcept;
    steady_time receive_deadline() const noexcept;

    // What was agreed on.
    stomp::heart_beat_plan plan() const noexcept {
        return {.incoming_every = std::chrono::milliseconds(incoming_ms_),
                .outgoing_every = std::chrono::milliseconds(outgoing_ms_)};
    }

private:
    steady_time last_received_{};
    steady_time last_sent_{};
    std::uint32_t send_after_ms_ = 0;
    std::uint32_t patience_ms_ = 0;
    std::uint32_t incoming_ms_ = 0;
    std::uint32_t outgoing_ms_ = 0;
};

}  // namespace broker
