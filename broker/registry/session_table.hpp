#pragma once

#include "broker/ports/user_sessions.hpp"
#include "broker/routing/string_map.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The sessions of this node, by user. Used by one thread, or under its owner's mutex.

namespace broker {

class session_table {
public:
    explicit session_table(std::string node) : node_(std::move(node)) {}

    void add(user_session const& what);
    // What was taken out; nothing when it is not there.
    std::optional<placed_session> remove(std::string_view user, std::string_view id);

    std::uint64_t count(std::string_view user) const;
    // Adds the sessions of the user, in no order.
    void list(std::string_view user, std::vector<placed_session>& to) const;

private:
    struct entry {
        std::string id;
        std::string transport;
        std::chrono::sys_seconds since;
    };
    placed_session placed(entry const& from) const;

    std::string const node_;
    routing::string_map<std::vector<entry>> users_;
};

// The oldest first, and no more than `most` of them.
void trim_sessions(std::vector<placed_session>& all, std::size_t most);

}  // namespace broker
