#pragma once

#include "broker/inspection.hpp"
#include "broker/ports/cluster_nodes.hpp"
#include "chat/ban.hpp"
#include "node/health/monitor.hpp"
#include "node/metrics/page.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

// What the console answers, as JSON (docs/console.md). Pure.

namespace node::console {

std::string nodes_json(broker::cluster_node const& self,
                       std::vector<broker::cluster_node> const& others);

struct about_node {
    std::string_view id;
    std::string_view version;
    std::chrono::system_clock::time_point now;
};
std::string overview_json(about_node const& about, health::monitor::summary const& health,
                          metrics_page const& figures);

// Below which `share` of what was measured lies, in its unit; within a bucket it is taken to be
// spread evenly, and beyond the last bound nothing is known but that bound.
double quantile(std::vector<metrics_page::bucket> const& buckets, double share);

std::string destinations_json(std::vector<broker::destination_report> const& found);
std::string sessions_json(broker::session_listing const& found);
std::string session_json(broker::session_details const& found);
std::string bans_json(std::vector<chat::ban> const& found);

// Of several shards: the newest sessions first, or those with the most that waits.
broker::session_listing together(std::vector<broker::session_listing> parts,
                                 broker::session_question const& question);
// Most subscribers first.
std::vector<broker::destination_report> together(
    std::vector<std::vector<broker::destination_report>> parts, std::size_t limit);

}  // namespace node::console
