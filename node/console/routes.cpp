#include "node/console/routes.hpp"

#include "broker/transport/http.hpp"

#include <array>

namespace node::console {
namespace {

struct row {
    std::string_view method;
    std::string_view path;
    action what;
};

// Rows of one path stand together.
constexpr std::array rows{
    row{"GET", "/console/api/nodes", action::list_nodes},
    row{"GET", "/console/api/nodes/{id}/overview", action::overview},
    row{"GET", "/console/api/nodes/{id}/rooms", action::rooms},
    row{"GET", "/console/api/nodes/{id}/sessions", action::list_sessions},
    row{"GET", "/console/api/nodes/{id}/sessions/{session}", action::show_session},
    row{"DELETE", "/console/api/nodes/{id}/sessions/{session}", action::kick},
    row{"DELETE", "/console/api/nodes/{id}/sessions/{session}/subscriptions/{subscription}",
        action::end_subscription},
    row{"DELETE", "/console/api/nodes/{id}/sessions/{session}/subscriptions",
        action::end_subscription},
    row{"GET", "/console/api/nodes/{id}/trace", action::trace},
    row{"GET", "/console/api/bans", action::list_bans},
    row{"PUT", "/console/api/bans", action::ban},
    row{"DELETE", "/console/api/bans", action::unban},
    row{"PUT", "/console/api/bans/{user}", action::ban},
    row{"DELETE", "/console/api/bans/{user}", action::unban},
    row{"POST", "/console/api/broadcast", action::broadcast},
};

std::string_view take_segment(std::string_view& path) {
    auto const end = path.find('/');
    auto const segment = path.substr(0, end);
    path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
    return segment;
}

std::optional<std::vector<std::string>> match(std::string_view path, std::string_view pattern) {
    if (path.ends_with('/')) return std::nullopt;
    std::vector<std::string> parameters;
    while (!path.empty() && !pattern.empty()) {
        auto const segment = take_segment(path);
        auto const wanted = take_segment(pattern);
        if (wanted.starts_with('{')) {
            if (segment.empty()) return std::nullopt;
            parameters.push_back(broker::transport::percent_decoded(segment));
        } else if (segment != wanted) {
            return std::nullopt;
        }
    }
    if (!path.empty() || !pattern.empty()) return std::nullopt;
    return parameters;
}

}  // namespace

found_route find_route(std::string_view method, std::string_view path) {
    found_route found;
    auto const wanted = method == "HEAD" ? "GET" : method;
    std::string_view matched;
    for (auto const& each : rows) {
        if (matched.empty()) {
            auto parameters = match(path, each.path);
            if (!parameters) continue;
            matched = each.path;
            found.parameters = std::move(*parameters);
        } else if (each.path != matched) {
            continue;
        }
        if (each.method == wanted) found.what = each.what;
        if (!found.allow.empty()) found.allow.append(", ");
        found.allow.append(each.method == "GET" ? "GET, HEAD" : each.method);
    }
    return found;
}

bool is_of_a_node(action what) noexcept {
    return what >= action::overview && what <= action::trace;
}

}  // namespace node::console
