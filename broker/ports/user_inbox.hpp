#pragma once

#include "broker/message.hpp"
#include "broker/ports/executor.hpp"
#include "broker/ports/sequenced_topics.hpp"
#include "broker/unique_function.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// The queue of each user whose messages are stored until a device of the user has got them: the
// chat's direct messages. The broker brings them, live and afterwards; which ones are owed to whom
// is known behind this port.

namespace broker {

struct inbox_page {
    std::vector<message_ptr> messages;  // ascending by user_inbox::order_of
    std::uint64_t next = 0;             // what to ask after for the next page; 0: this was the last
};

using inbox_outcome = std::variant<inbox_page, topic_refusal>;

using owed_users_outcome = std::variant<std::vector<std::string>, topic_refusal>;

class user_inbox {
public:
    virtual ~user_inbox() = default;

    // "/queue/messages". Cheap; any thread.
    virtual std::string_view queue() const = 0;

    // The place of a message in its inbox. Cheap; any thread.
    virtual std::uint64_t order_of(message const& what) const = 0;

    // What no device of `user` (a user_key()) has got, as far as is known: delivered() on another
    // node is known about a second later. At most `limit` from the store, those above `after`.
    // Calls `done` exactly once on `home`.
    virtual void undelivered(std::string user, std::uint64_t after, std::size_t limit,
                             executor& home, unique_function<void(inbox_outcome)> done) = 0;

    // Which of these users (user_key()s) are owed something that was not delivered() here: one
    // question for all of them. Whoever is named may turn out to be owed nothing. Calls `done`
    // exactly once on `home`.
    virtual void owed_to(std::vector<std::string> users, executor& home,
                         unique_function<void(owed_users_outcome)> done) = 0;

    // A session of `user` was given `what`, which came in that queue; one's own messages too. Any
    // thread; waits for nothing.
    virtual void delivered(std::string_view user, message const& what) = 0;
};

}  // namespace broker
