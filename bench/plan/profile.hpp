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
    std::string_view topic_send;  // where a client publishes for it; Spring's applications have an
                                  // /app of their own
    std::string_view
        direct_send;  // where a message for user {} is sent; empty: the server has none
    std::string_view direct_receive;  // what the receiver subscribes to
    bool chat;                        // rooms, sequences and history as Stampede has them
    std::string_view login;
    std::string_view passcode;
};

// nullptr when there is no such profile.
profile const* find_profile(std::string_view name) noexcept;

// "stampede, rabbitmq, spring, activemq": for messages.
std::string_view profile_names() noexcept;

}  // namespace bench
