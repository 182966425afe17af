#pragma once

#include "broker/ports/bus.hpp"
#include "chat/ports/message_writer.hpp"

#include <vector>

// Gives what the writer has committed to the bus, and then tells those who wait for it: a RECEIPT
// never comes before the message was published. On the writer's thread.

namespace chat {

class batch_publisher final : public batch_listener {
public:
    explicit batch_publisher(broker::bus& bus) : bus_(bus) {}  // outlives us

    void on_batch(std::vector<finished_write> batch) override;

private:
    broker::bus& bus_;
};

}  // namespace chat
