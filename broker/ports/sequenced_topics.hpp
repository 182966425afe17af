#pragma once

#include "broker/message.hpp"
#include "broker/ports/executor.hpp"
#include "broker/principal.hpp"
#include "broker/unique_function.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// Topics whose messages are stored under a gapless number: the chat's rooms. The broker keeps their
// order and fills gaps; what they are and who may read them is known behind this port.

namespace broker {

struct topic_refusal {
    std::string code;    // "not_a_member", "no_such_room", "store_unavailable"
    std::string reason;  // one sentence
};

using open_outcome = std::variant<std::uint64_t, topic_refusal>;  // the topic's last seq
using history_outcome = std::variant<std::vector<message_ptr>, topic_refusal>;  // ascending by seq

using last_seqs_outcome = std::variant<std::vector<std::uint64_t>, topic_refusal>;

class sequenced_topics {
public:
    virtual ~sequenced_topics() = default;

    // Whether this destination is such a topic. Cheap; any thread.
    virtual bool owns(std::string_view destination) const = 0;

    // What presence calls the topic: its room's number. Empty for one that is no room's address.
    virtual std::string_view room_of(std::string_view destination) const = 0;

    // Whose access to its topic ends with this message: user_key() of a principal, standing in the
    // message. Empty: nobody's. Cheap; any thread.
    virtual std::string_view access_ended_by(message const& what) const = 0;

    // May `caller` read it, and what is its last seq now? Both are read in one go, after the caller
    // registered its interest. Calls `done` exactly once on `home`.
    virtual void open(std::string destination, principal_ptr caller, executor& home,
                      unique_function<void(open_outcome)> done) = 0;

    // The messages with a seq above `after`, ascending and without a gap, at most `limit`.
    // Calls `done` exactly once on `home`.
    virtual void read_after(std::string destination, std::uint64_t after, std::size_t limit,
                            executor& home, unique_function<void(history_outcome)> done) = 0;

    // The last seq of each of these topics, in their order; 0 for one that is not there. Calls
    // `done` exactly once on `home`.
    virtual void last_seqs(std::vector<std::string> destinations, executor& home,
                           unique_function<void(last_seqs_outcome)> done) = 0;
};

}  // namespace broker
