#include "chat/batch_publisher.hpp"

#include "chat/message_builder.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace chat {
namespace {

// The room's subscribers have it by the room, and the two of a direct room by their queues, too.
void announce(finished_write const& write, std::vector<broker::bus_event>& events) {
    auto const& stored = *write.outcome.stored;
    events.emplace_back(broker::topic_event{room_message(stored, write.given, write.trace)});
    auto const& receiver = write.outcome.receiver;
    if (!receiver) return;
    auto const message = direct_message(stored, *receiver, write.given, write.trace);
    for (auto const user : {*receiver, stored.author}) {
        events.emplace_back(
            broker::user_event{std::to_string(user.value), std::string(messages_queue), message});
    }
}

// Those of one home in one piece: a post for each would cost more than the telling.
void tell_all(std::vector<finished_write> batch) {
    std::vector<std::pair<broker::executor*, std::vector<finished_write>>> homes;
    for (auto& write : batch) {
        if (!write.waiter.done) continue;
        auto* const home = write.waiter.home;
        if (home == nullptr) {
            write.waiter.done(write.outcome);
            continue;
        }
        auto at = std::ranges::find(homes, home, [](auto const& one) { return one.first; });
        if (at == homes.end()) at = homes.emplace(at, home, std::vector<finished_write>());
        at->second.push_back(std::move(write));
    }
    for (auto& [home, writes] : homes) {
        home->post([writes = std::move(writes)]() mutable {
            for (auto& write : writes) write.waiter.done(write.outcome);
        });
    }
}

}  // namespace

void batch_publisher::on_batch(std::vector<finished_write> batch) {
    std::vector<broker::bus_event> events;
    events.reserve(batch.size());
    for (auto const& write : batch) {
        // A repeated send was published when it came first.
        if (write.outcome.stored && !write.outcome.repeated) announce(write, events);
    }
    bool const stored = !events.empty();
    if (stored) bus_.publish(std::move(events));
    tell_all(std::move(batch));
    // Last: nobody waits for it.
    if (stored && on_stored_) on_stored_();
}

}  // namespace chat
