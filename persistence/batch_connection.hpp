#pragma once

#include "persistence/batch_plan.hpp"
#include "persistence/storage.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

// Stores batches of messages over one connection of its own. Used on the writer's thread only.

namespace persistence {

class turnstile;

// A batch whose commit was asked for and never answered, by its first row: after the next lock of
// the room that row is there, and so is the whole batch, or it never will be.
struct unanswered_commit {
    batch_plan plan;
    batch_facts facts;  // the plan's nicknames lie in it
    chat::timestamp created_at;
};

struct batch {
    std::vector<chat::new_message> messages;
    // Whether a room that others have locked is waited for, for a moment.
    bool wait_for_rooms = true;
    std::optional<unanswered_commit> unanswered;
    // One for each message once it was planned: it may be stored, by the unanswered commit or by
    // the earlier message that has its key. Whoever gives up must not say the contrary.
    std::vector<bool> perhaps_stored;
    std::vector<chat::write_outcome> outcomes;  // one for each message, after store()
    // After store(): messages that were left out, as others have locked their rooms. They are
    // unchanged. Those of one room are left out together, or none is.
    std::vector<std::size_t> held;
};

class batch_connection {
public:
    virtual ~batch_connection() = default;

    // Stores `work` in one transaction and fills its outcomes; what fails its checks fails alone.
    // Throws database_error when nothing was stored, or when work.unanswered is set: then it is
    // unknown, and calling again, also on another connection, finds out and stores what is not
    // stored yet. The messages are unchanged after an exception.
    virtual void store(batch& work) = 0;

    // A transaction that changes nothing, with whatever turns and locks one that writes needs to
    // begin. Throws database_error, also when the server takes no writes.
    virtual void probe() = 0;

    // False once the connection is broken; a new one is needed then.
    virtual bool usable() const noexcept = 0;
};

// Both throw database_error.
std::unique_ptr<batch_connection> connect_postgres_batches(storage_options const& options);
std::unique_ptr<batch_connection> connect_sqlite_batches(storage_options const& options,
                                                         turnstile& turns);

}  // namespace persistence
