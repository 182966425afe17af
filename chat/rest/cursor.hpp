#pragma once

#include "chat/refusal.hpp"

#include <cstdint>
#include <string>
#include <string_view>

// Where a page ended, as an opaque word for the client: it belongs to one list and direction, and
// one that was changed or made up is refused. It grants nothing: access is checked for every page.

namespace chat::rest {

enum class cursor_kind : std::uint8_t {
    rooms = 1,
    members,
    messages_before,
    messages_after,
    present,
    audit,
};

// `scope`: the room that the list belongs to; 0 for the list of rooms; a number made of its filter
// for the audit log.
std::string make_cursor(cursor_kind kind, std::uint64_t scope, std::uint64_t position);

checked<std::uint64_t> read_cursor(std::string_view word, cursor_kind kind, std::uint64_t scope);

}  // namespace chat::rest
