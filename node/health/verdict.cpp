#include "node/health/verdict.hpp"

#include <algorithm>

namespace node::health {
namespace {

bool all_were_well(std::span<observed const> these) {
    return std::ranges::all_of(
        these, [](observed const& each) { return each.of.last_success.has_value(); });
}

bool is_ill(observed const& each) {
    return each.of.state == link_state::ill;
}

bool is_missing(observed const& each) {
    return each.of.state != link_state::well;
}

}  // namespace

verdict live(facts const& known) {
    if (std::ranges::any_of(known.loops, is_ill)) return {false, "stuck"};
    return {true, "live"};
}

verdict started(facts const& known) {
    bool const loops = all_were_well(known.loops);
    if (loops && (known.patience_over || all_were_well(known.links))) return {true, "started"};
    return {false, "starting"};
}

verdict ready(facts const& known) {
    if (known.phase == node_phase::draining) return {false, "draining"};
    if (!live(known).good) return {false, "stuck"};
    if (!started(known).good) return {false, "starting"};
    bool const unready = std::ranges::any_of(
        known.links, [](observed const& each) { return each.needed && is_missing(each); });
    if (unready) return {false, "unready"};
    return {true, std::ranges::any_of(known.links, is_missing) ? "degraded" : "ready"};
}

}  // namespace node::health
