#include "bench/plan/plan.hpp"

#include <array>
#include <numeric>

namespace bench {

std::string_view to_string(scenario_kind kind) noexcept {
    constexpr std::array<std::string_view, 8> names{"connect", "idle",   "fan-out", "direct",
                                                    "churn",   "resume", "slow",    "chat"};
    return names.at(static_cast<std::size_t>(kind));
}

bool plan::needs_rest() const noexcept {
    if (kind == scenario_kind::chat) return true;
    return stored && kind != scenario_kind::direct && first_room == 0;
}

std::size_t plan::clients() const noexcept {
    switch (kind) {
        case scenario_kind::connect:
        case scenario_kind::idle: return sessions;
        case scenario_kind::churn: return connecting;
        case scenario_kind::direct: return 2 * pairs;
        case scenario_kind::chat: return rooms * subscribers;
        case scenario_kind::fan_out:
        case scenario_kind::resume:
        case scenario_kind::slow: break;
    }
    return rooms * (subscribers + publishers);
}

std::vector<load_step> plan::all_steps() const {
    std::vector<load_step> out;
    if (steps.empty()) return out;
    out.push_back({steps.front().from, steps.front().from, warm_up});
    out.insert(out.end(), steps.begin(), steps.end());
    return out;
}

seconds plan::measured() const noexcept {
    if (steps.empty()) return lasts;
    return std::accumulate(steps.begin(), steps.end(), seconds(0),
                           [](seconds sum, load_step const& step) { return sum + step.lasts; });
}

}  // namespace bench
