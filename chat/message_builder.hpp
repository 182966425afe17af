#pragma once

#include "broker/message.hpp"
#include "broker/trace_context.hpp"
#include "chat/json/notice_json.hpp"
#include "chat/json/wire_names.hpp"
#include "chat/model.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// The MESSAGE frames of the chat, each encoded once for everybody who gets it. Any thread. With a
// trace they have its headers.

namespace chat {

// For the room's subscribers. `received`: see message::received().
broker::message_ptr room_message(stored_message const& stored, broker::steady_time received = {},
                                 broker::trace_ptr const& trace = {});

// For the receiver's and the sender's own /user/queue/messages.
broker::message_ptr direct_message(stored_message const& stored, user_id to,
                                   broker::steady_time received = {},
                                   broker::trace_ptr const& trace = {});

// The stored message behind a direct_message()'s message-id.
std::optional<message_id> direct_message_id(std::string_view header);

// Somebody types, or has read up to a seq: for the room's subscribers, neither stored nor numbered,
// and the first thing that a slow subscriber loses.
struct room_event {
    room_id room;
    user_id who;
    std::string_view nickname;
    json::wire_type type;                        // typing or read
    std::optional<std::uint64_t> last_read_seq;  // read
};
broker::message_ptr ephemeral_message(room_event const& event, broker::trace_ptr const& trace = {});

// Somebody listens to the room from now on, on whatever device and node, or does not any more.
broker::message_ptr presence_message(room_id room, user_id who, bool present);

// How far a user has read a room, for their own devices' /user/queue/notifications.
struct read_state {
    room_id room;
    std::uint64_t last_seq = 0;
    std::uint64_t last_read_seq = 0;

    std::uint64_t unread() const noexcept { return last_seq - last_read_seq; }
};
broker::message_ptr unread_notification(read_state const& state,
                                        broker::trace_ptr const& trace = {});

// What a back end tells, for a user's (or everybody's) /user/queue/notifications and for a room's
// subscribers. Neither stored nor numbered.
broker::message_ptr user_notice(json::notice const& what, broker::trace_ptr const& trace = {});
broker::message_ptr room_notice(json::notice const& what, broker::trace_ptr const& trace = {});

// Queues under /user.
inline constexpr std::string_view messages_queue = "/queue/messages";
inline constexpr std::string_view notifications_queue = "/queue/notifications";

}  // namespace chat
