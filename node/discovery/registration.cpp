#include "node/discovery/registration.hpp"

#include <algorithm>
#include <utility>

namespace node::discovery {

registration::registration(std::size_t servers, timing given, std::function<double()> chance)
    : servers_(servers), timing_(given), chance_(std::move(chance)) {}

std::optional<attempt> registration::next(steady_time now, instance_status status) {
    if (leaving_) {
        if (left_to_ask_ == 0) return std::nullopt;
        return attempt{action::deregister, server_, status};
    }
    if (now < not_before_) return std::nullopt;
    if (registered_ != status) {
        tried_ = true;
        return attempt{action::register_instance, server_, status};
    }
    if (now < renew_at_) return std::nullopt;
    return attempt{action::renew, server_, status};
}

void registration::ended(attempt const& what, outcome how, steady_time now) {
    if (what.what == action::deregister) {
        // A server that knows no such instance has nothing to forget.
        left_to_ask_ = how == outcome::failed ? left_to_ask_ - 1 : 0;
        server_ = (server_ + 1) % servers_;
        return;
    }
    if (how == outcome::accepted) return accepted(what, now);
    // Of a registration it means that the address is wrong.
    bool const forgotten = how == outcome::unknown && what.what == action::renew;
    if (!forgotten) return failed(now);
    registered_.reset();
}

void registration::accepted(attempt const& what, steady_time now) {
    registered_ = what.status;
    failed_ = 0;
    rounds_ = 0;
    // A little early by chance: nodes that were started together do not stay together.
    auto const wait =
        std::chrono::duration<double, std::milli>(timing_.heart_beat) * (1.0 - 0.1 * chance_());
    renew_at_ = now + std::chrono::duration_cast<std::chrono::milliseconds>(wait);
}

void registration::failed(steady_time now) {
    server_ = (server_ + 1) % servers_;
    if (++failed_ < servers_) return;
    failed_ = 0;
    auto const doublings = std::min(rounds_++, 20U);
    auto const longest = std::min(timing_.first_pause * (1U << doublings), timing_.heart_beat);
    auto const wait = std::chrono::duration<double, std::milli>(longest) * (0.5 + 0.5 * chance_());
    not_before_ = now + std::chrono::duration_cast<std::chrono::milliseconds>(wait);
}

steady_time registration::due() const noexcept {
    return registered_ ? std::max(not_before_, renew_at_) : not_before_;
}

void registration::leave() noexcept {
    if (std::exchange(leaving_, true)) return;
    left_to_ask_ = tried_ ? servers_ : 0;
}

}  // namespace node::discovery
