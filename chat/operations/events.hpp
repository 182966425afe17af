#pragma once

#include "broker/ports/executor.hpp"
#include "broker/trace_context.hpp"
#include "chat/operations/context.hpp"
#include "chat/services/read_service.hpp"

#include <cstdint>
#include <optional>
#include <string>

// Typing and reading. Called on a shard, `home`; `done` is called there.

namespace chat::operations {

// Tells the room that a member types. not_a_member.
void announce_typing(context& chat, broker::executor& home, room_id room, user_id user,
                     std::string nickname, broker::trace_ptr trace,
                     broker::unique_function<void(result<member>)> done);

// Notes how far a member has read (up to `seq`, or to the end), tells the room, and tells the
// member's own devices what is unread now.
void mark_read(context& chat, broker::executor& home, room_id room, user_id user,
               std::string nickname, std::optional<std::uint64_t> seq, broker::trace_ptr trace,
               broker::unique_function<void(result<read_service::marked>)> done);

}  // namespace chat::operations
