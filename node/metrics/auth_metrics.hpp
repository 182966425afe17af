#pragma once

#include "broker/ports/authenticator.hpp"
#include "broker/ports/metrics.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>
#include <variant>

// Counts what an authenticator says. Any thread; logins are rare beside messages.

namespace node {

class counting_authenticator final : public broker::authenticator {
public:
    // The codes of auth_refusal, and one for what is none of them. What a limit refuses does not
    // come here: the limiter has counted it.
    static constexpr std::array<std::string_view, 10> reasons{"bad_credentials",
                                                              "credentials_missing",
                                                              "token_expired",
                                                              "token_invalid",
                                                              "too_many_logins",
                                                              "auth_unavailable",
                                                              "banned",
                                                              "rate_limited",
                                                              "too_many_sessions",
                                                              "other"};

    // `checked` outlives us, and what it has under way must not come back after us.
    explicit counting_authenticator(broker::authenticator& checked) : checked_(checked) {}

    void authenticate(broker::credentials const& offered, broker::executor& home,
                      broker::unique_function<void(broker::auth_outcome)> done) override {
        auto counted = [this, done = std::move(done)](broker::auth_outcome outcome) mutable {
            if (auto const* refusal = std::get_if<broker::auth_refusal>(&outcome)) {
                auto const last = reasons.end() - 1;
                auto const found = std::find(reasons.begin(), last, refusal->code);
                refused_[static_cast<std::size_t>(found - reasons.begin())].add();
            } else {
                accepted_.add();
            }
            done(std::move(outcome));
        };
        checked_.authenticate(offered, home, std::move(counted));
    }

    std::uint64_t accepted() const noexcept { return accepted_.value(); }
    std::uint64_t refused(std::size_t reason) const noexcept { return refused_[reason].value(); }

private:
    broker::authenticator& checked_;
    broker::metrics::shared_counter accepted_;
    std::array<broker::metrics::shared_counter, reasons.size()> refused_;
};

}  // namespace node
