#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The console's addresses. Pure.

namespace node::console {

enum class action : std::uint8_t {
    list_nodes,
    overview,
    rooms,
    list_sessions,
    show_session,
    kick,
    end_subscription,
    trace,
    list_bans,
    ban,
    unban,
    broadcast,
};

struct found_route {
    std::optional<action> what;  // nothing: the address takes other methods only
    std::string allow;           // those; empty: there is no such address
    // What stands for the braces of the address, decoded; first the node, for what is a node's. A
    // banned user and a subscription may be named in the query instead.
    std::vector<std::string> parameters;
};

// To HEAD the same is answered as to GET.
found_route find_route(std::string_view method, std::string_view path);

// Whether it is done by the node that its address names.
bool is_of_a_node(action what) noexcept;

}  // namespace node::console
