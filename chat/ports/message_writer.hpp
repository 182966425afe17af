#pragma once

#include "broker/ports/clock.hpp"
#include "broker/ports/executor.hpp"
#include "broker/unique_function.hpp"
#include "chat/errors.hpp"
#include "chat/model.hpp"

#include <chrono>
#include <optional>
#include <vector>

// The fast way to store messages: what gathers while one commit is under way becomes the next
// commit.

namespace chat {

struct write_outcome {
    result<stored_message> stored;  // no_such_room, not_a_member, room_inactive,
                                    // idempotency_conflict, bad_field (the text is not UTF-8 or
                                    // has a NUL), store_busy, store_unavailable,
                                    // store_in_doubt: the only one that may be stored
    bool repeated = false;  // the idempotency key was seen before: this is the first one's answer
    // Of what was stored just now in a direct room: the other one of the two.
    std::optional<user_id> receiver{};
};

// Who waits for a write, if anybody does.
struct write_waiter {
    broker::unique_function<void(write_outcome const&)> done{};
    broker::executor* home = nullptr;  // where it is called; null: on the writer's thread
};

struct pending_write {
    new_message message;
    write_waiter waiter{};
    broker::steady_time given = std::chrono::steady_clock::now();  // when it was asked for
};

struct finished_write {
    write_outcome outcome;
    write_waiter waiter;
    broker::steady_time given{};  // when it was appended, if the writer says so
    broker::trace_ptr trace{};    // the message's
};

// Told about each batch, on the writer's thread, after its commit, in the order of the commits;
// writes that failed are in it too. Within a room the stored ones are in the order of seq.
class batch_listener {
public:
    virtual ~batch_listener() = default;
    virtual void on_batch(std::vector<finished_write> batch) = 0;
};

class message_writer {
public:
    virtual ~message_writer() = default;

    // Any thread; waits for nobody. What one thread appends keeps its order. The author's
    // membership and the room's state are checked in the transaction that stores. The waiter
    // travels with the message and comes back in the batch: the listener tells it. Over the bound
    // of waiting writes: store_busy, through the listener as well.
    virtual void append(pending_write write) = 0;

    // The same for each, in this order. As long as the bounds of a batch allow it they are
    // committed together.
    virtual void append_all(std::vector<pending_write> writes) = 0;

    // Whether messages could be stored now: a transaction on the writer's connection that changes
    // nothing, behind what waits. `done` is called once, on the writer's thread or at once, with
    // no error or store_unavailable, store_busy. Any thread.
    virtual void probe(broker::unique_function<void(boost::system::error_code)> done) = 0;
};

}  // namespace chat
