#pragma once

#include "node/discovery/instance.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

// What is to be said to which server of a registry, and when: a registration, its renewals, another
// registration when the status changes or the server has forgotten us, and the end of it. Servers
// are tried in turn; when all of them fail there is a pause, longer each time, and by chance, so
// that many nodes do not come back at once. Pure; owned by the client, used on its thread.

namespace node::discovery {

using steady_time = std::chrono::steady_clock::time_point;

enum class action : std::uint8_t { register_instance, renew, deregister };
inline constexpr std::size_t action_count = 3;

enum class outcome : std::uint8_t {
    accepted,
    unknown,  // the server knows no such instance
    failed,   // it was not reached, or refused
};
inline constexpr std::size_t outcome_count = 3;

struct attempt {
    action what;
    std::size_t server;
    instance_status status;  // of a registration and a renewal

    friend bool operator==(attempt const&, attempt const&) = default;
};

class registration {
public:
    struct timing {
        std::chrono::milliseconds heart_beat;
        // The first pause; each is twice as long as the one before, and none longer than
        // heart_beat.
        std::chrono::milliseconds first_pause{1000};
    };

    // `chance` answers numbers from 0 to 1, 1 excluded.
    registration(std::size_t servers, timing given, std::function<double()> chance);

    // What to do now, if anything; its end is told before the next question.
    std::optional<attempt> next(steady_time now, instance_status status);
    void ended(attempt const& what, outcome how, steady_time now);

    // When next() has something to do at the latest, while the status stays as it is.
    steady_time due() const noexcept;

    // Only a deregistration is left to do, once with each server until one knows of it; nothing if
    // no registration was ever tried.
    void leave() noexcept;
    // How many servers can still be asked for the deregistration, the next one included.
    std::size_t left_to_ask() const noexcept { return left_to_ask_; }

    // A server took the latest registration or renewal.
    bool registered() const noexcept { return registered_ && rounds_ == 0 && failed_ == 0; }

private:
    void accepted(attempt const& what, steady_time now);
    void failed(steady_time now);

    std::size_t const servers_;
    timing const timing_;
    std::function<double()> const chance_;
    std::size_t server_ = 0;                     // the one to ask
    std::size_t failed_ = 0;                     // servers that failed since the last pause
    unsigned rounds_ = 0;                        // pauses since something was accepted
    std::optional<instance_status> registered_;  // as what
    steady_time renew_at_{};
    steady_time not_before_{};
    bool tried_ = false;  // a server may know of us
    bool leaving_ = false;
    std::size_t left_to_ask_ = 0;
};

}  // namespace node::discovery
