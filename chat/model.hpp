#pragma once

#include "broker/trace_context.hpp"
#include "chat/ids.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

// Rooms, members and messages, as the chat sees them. Plain values.

namespace chat {

using timestamp =
    std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;  // UTC

enum class room_type : std::uint8_t { public_room, private_room, direct };
enum class member_role : std::uint8_t { member, admin, owner };

// What is stored and numbered; TYPING and READ are events and never rows.
enum class message_type : std::uint8_t { chat, join, leave };

struct room {
    room_id id;
    std::string name;
    std::optional<study_id> study;
    room_type type = room_type::public_room;
    bool active = true;
    std::uint32_t max_members = 0;  // 0: no limit
    std::string metadata;           // a JSON object, or empty
    std::uint64_t last_seq = 0;
    std::uint32_t member_count = 0;
    timestamp created_at{};
};

struct new_room {
    std::string name;
    std::optional<study_id> study;
    room_type type = room_type::public_room;
    std::uint32_t max_members = 0;
    std::string metadata;
};

struct member {
    room_id room;
    user_id user;
    std::string nickname;
    member_role role = member_role::member;
    std::uint64_t last_read_seq = 0;
    timestamp joined_at{};
};

struct user {
    user_id id;
    std::string nickname;  // as last told; may be empty
};

struct new_message {
    room_id room;
    user_id author;
    // Shown beside the message. Empty: message_writer takes the member's own, which it reads anyway
    // when it checks the membership.
    std::string nickname;
    message_type type = message_type::chat;
    std::string content;
    // The client's key for retries, unique per room and author; empty: none.
    std::string idempotency_key;
    // Of a JOIN that unit_of_work appends: somebody else made the author a member, which is told to
    // the world outside.
    bool invited = false;
    // Of the request; goes with the message to its subscribers and is not stored.
    broker::trace_ptr trace{};
};

// Which message, and where it stands: found without an index of all ids.
struct message_place {
    message_id id;
    room_id room;
    std::uint64_t seq = 0;
};

struct stored_message {
    message_id id;
    room_id room;
    std::uint64_t seq = 0;  // 1, 2, 3, … without a gap in its room
    user_id author;
    std::string nickname;
    message_type type = message_type::chat;
    std::string content;
    timestamp created_at{};
};

}  // namespace chat
