#pragma once

#include "rabbitmq/amqp_connection.hpp"
#include "rabbitmq/publisher.hpp"

#include <cstddef>
#include <string>
#include <string_view>

// What becomes of a delivery that nobody can handle.

namespace rabbitmq {

// Why there is a dead letter, and whence it came.
struct dead_letter_cause {
    std::string_view reason;
    std::string_view queue;
    std::size_t attempts = 1;
};

// One that RabbitMQ takes whatever the delivery holds, or it would come again for ever: of its
// headers those that fit in `header_room`, of a body that is too large the head.
persistent_message make_dead_letter(delivery const& of, dead_letter_cause const& why,
                                    std::size_t header_room);

}  // namespace rabbitmq
