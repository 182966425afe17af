#pragma once

#include "broker/ports/executor.hpp"
#include "chat/operations/context.hpp"
#include "chat/refusal.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

// Storing messages. Called on a shard, `home`; `done` is called there, after the commit and after
// the message was given to the bus.

namespace chat::operations {

using send_done = broker::unique_function<void(write_outcome const&)>;

// content_empty (nothing but blanks), content_too_long.
std::optional<refusal> content_problem(std::string_view content, chat_options const& options);

// To a room. The order of one shard's sends is kept.
void send(context& chat, broker::executor& home, new_message message, send_done done);

// To a user: into the room of the two, which is made at the first time, and to the queues of every
// device of both. no_such_user.
struct direct_send {
    user_id from;
    std::string nickname;
    user_id to;
    std::string content;
    std::string idempotency_key;
    broker::trace_ptr trace{};
    broker::steady_time given = std::chrono::steady_clock::now();  // when it was read
};
void send_direct(context& chat, broker::executor& home, direct_send message, send_done done);

}  // namespace chat::operations
