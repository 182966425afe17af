#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// What operators ask of the sessions of a node, and what they are told. Values: made on a shard,
// read elsewhere.

namespace broker {

struct session_report {
    std::string session;
    std::string user;  // user_key(); empty: anonymous
    std::string_view transport;
    std::string address;  // empty: not known
    std::chrono::sys_seconds since;
    std::string_view version;       // of STOMP
    std::size_t subscriptions = 0;  // those that are live or being opened
    std::uint64_t queued_bytes = 0;
    std::chrono::milliseconds beats_in{0};  // as agreed on; 0: none
    std::chrono::milliseconds beats_out{0};
};

struct subscription_report {
    std::string id;  // of the client; the destination, where it gave none
    std::string destination;
    std::string_view ack;
    std::size_t pending = 0;  // deliveries that are not settled
};

struct session_details {
    session_report session;
    std::vector<subscription_report> subscriptions;
};

// What is empty does not matter.
struct session_question {
    std::string user;  // user_key(), or the name of the credentials
    std::string session;
    std::string destination;  // subscribed to exactly this
    bool slow = false;        // at least slow_bytes wait for it; those with the most first
    std::size_t limit = 100;

    // Below it a queue may be what this turn of the loop is about to send.
    static constexpr std::uint64_t slow_bytes = 16 * 1024UL;
};

struct session_listing {
    std::vector<session_report> sessions;
    bool more = false;  // there are others that fit
};

struct destination_report {
    std::string destination;  // or a pattern
    std::uint64_t subscribers = 0;
};

}  // namespace broker
