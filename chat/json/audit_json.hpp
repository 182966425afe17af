#pragma once

#include "chat/audit.hpp"
#include "chat/model.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The audit log's entries as JSON. What is in `details` for which action is in docs/operations.md.

namespace chat::json {

// The details that an action has, for new_audit_entry::details. `acting_as` is in all of them.
struct audit_details {
    std::string_view nickname{};             // of who was added
    std::optional<std::string_view> name{};  // of a room that was made
    std::optional<room_type> type{};
    std::string_view event_type{};  // of a broadcast
    std::string_view event_id{};
    // What an operator did something to: as the sessions of a node know it.
    std::string_view user{};
    std::string_view session{};
    std::string_view subscription{};
    std::string_view destination{};
    std::string_view reason{};
    std::optional<std::uint64_t> seconds{};
};
std::string details_of(audit_origin const& origin, audit_details const& what = {});

// {"entries":[…],"nextCursor":…}
std::string audit_page(std::vector<audit_entry> const& entries,
                       std::optional<std::string> const& next);

}  // namespace chat::json
