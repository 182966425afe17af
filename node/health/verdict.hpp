#pragma once

#include "node/health/link_watch.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

// From what is known of the event loops and the links to what a prober is told. Pure.
// docs/decisions/0021-ready-without-its-links.md says why a link that is ill leaves a node ready.

namespace node::health {

enum class node_phase : std::uint8_t { serving, draining };

struct observed {
    std::string name;
    link_report of;
    bool needed = false;  // without it no new clients may come
};

struct facts {
    node_phase phase = node_phase::serving;
    bool patience_over = false;  // links that never were well are not waited for any more
    std::span<observed const> loops;
    std::span<observed const> links;
};

struct verdict {
    bool good = false;  // 200, else 503
    std::string_view status;
};

// Do the event loops turn? "live" or "stuck".
verdict live(facts const& known);
// Has everything been well once, or was it waited for long enough? "started" or "starting".
verdict started(facts const& known);
// May new clients come? One of ready_statuses; they may at the first two.
verdict ready(facts const& known);
inline constexpr std::array<std::string_view, 6> ready_statuses{"ready",    "degraded", "starting",
                                                                "draining", "stuck",    "unready"};

}  // namespace node::health
