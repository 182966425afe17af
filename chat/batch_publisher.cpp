#include "chat/batch_publisher.hpp"

#include "chat/message_builder.hpp"

#include <utility>

namespace chat {

void batch_publisher::on_batch(std::vector<finished_write> batch) {
    std::vector<broker::bus_event> events;
    events.reserve(batch.size());
    for (auto const& write : batch) {
        // A repeated send was published when it came first.
        if (write.outcome.stored && !write.outcome.repeated)
            events.emplace_back(
                broker::topic_event{room_message(*write.outcome.stored, write.given, write.trace)});
    }
    bool const stored = !events.empty();
    if (stored) bus_.publish(std::move(events));
    for (auto& write : batch) {
        if (write.done) write.done(write.outcome);
    }
    // Last: nobody waits for it.
    if (stored && on_stored_) on_stored_();
}

}  // namespace chat
