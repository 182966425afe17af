#pragma once

#include "chat/errors.hpp"
#include "chat/model.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

// What has been stored and is yet to be published for the world outside. A row stands there from
// the commit that stored its message until somebody says that it was published.

namespace chat {

enum class outbox_kind : std::uint8_t {
    message_created,  // of every type: CHAT, JOIN, LEAVE
    member_invited,   // somebody else made the message's author a member; the message is the JOIN
};

struct outbox_entry {
    std::uint64_t row = 0;  // its name in the outbox
    outbox_kind kind = outbox_kind::message_created;
    stored_message message;
    std::string room_name;
    room_type type_of_room = room_type::public_room;
    std::optional<user_id> receiver;  // of a direct message
};

// How much is taken in one go.
struct outbox_bounds {
    std::size_t rows;
    std::size_t bytes;  // of the messages' contents; the row that reaches it is the last one
};

// What stands in the outbox, whoever holds it.
struct outbox_backlog {
    std::size_t rows = 0;                     // counted up to most_counted
    std::chrono::milliseconds oldest_age{0};  // by the database's clock; 0: there is none

    static constexpr std::size_t most_counted = 100'000;
};

// One connection to the database, which is made again by itself when it was lost. Used by one
// thread at a time; waits for the database. store_busy, store_unavailable, store_in_doubt.
class outbox {
public:
    virtual ~outbox() = default;

    // Rows that nobody holds, oldest first, up to `most`; at least one, if there is one. Nobody
    // else is given them before `lease` has passed by the database's clock: whoever dies with rows
    // in hand holds them no longer than that.
    virtual result<std::vector<outbox_entry>> take(outbox_bounds most,
                                                   std::chrono::milliseconds lease) = 0;

    virtual result<outbox_backlog> backlog() = 0;

    // They were published. Not synced to the disk: after a crash of the database some may be there
    // again.
    virtual result<void> remove(std::span<std::uint64_t const> rows) = 0;

    // They were not: free for everybody at once.
    virtual result<void> give_back(std::span<std::uint64_t const> rows) = 0;
};

}  // namespace chat
