#pragma once

#include "broker/ports/bus.hpp"
#include "chat/ports/message_writer.hpp"

#include <functional>
#include <utility>
#include <vector>

// Gives what the writer has committed to the bus, and then tells those who wait for it: a RECEIPT
// never comes before the message was published. On the writer's thread.

namespace chat {

class batch_publisher final : public batch_listener {
public:
    // `bus` outlives us. `on_stored` is called when something new was committed.
    explicit batch_publisher(broker::bus& bus, std::function<void()> on_stored = {})
        : bus_(bus), on_stored_(std::move(on_stored)) {}

    void on_batch(std::vector<finished_write> batch) override;

private:
    broker::bus& bus_;
    std::function<void()> on_stored_;
};

}  // namespace chat
