#pragma once

#include <string_view>

// What differs between the servers that the bench drives: a table.

namespace bench {

struct profile {
    std::string_view name;          // "rabbitmq"
    std::string_view title;         // "RabbitMQ Web STOMP"
    std::string_view url;           // by default
    std::string_view virtual_host;  // CONNECT's `host`
    std::string_view topic;         // a generic topic; "{}" is its number
    std::string_view topic_send;    // where a client publishes for it
    std::string_view queue;         // of the subscriber alone; empty: there is none
    std::string_view queue_send;    // where others send for it; "{}" is the user's name
    bool receipts;  // answers `receipt` on SUBSCRIBE and SEND; without it a path is probed. On
                    // DISCONNECT all do, or they close.
    bool chat;      // has rooms, sequences and history as Stampede has them
    std::string_view login;
    std::string_view passcode;
};

// nullptr when there is no such profile.
profile const* find_profile(std::string_view name) noexcept;

// "stampede, rabbitmq, spring, activemq": for messages.
std::string_view profile_names() noexcept;

}  // namespace bench
