#pragma once

#include "broker/routing/string_map.hpp"
#include "broker/routing/subscriber_list.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

// Who on this shard is subscribed to a queue of their own: /user/queue/messages of user 42 is found
// under (42, /queue/messages). One per shard; on its thread only.

namespace broker::routing {

class user_destinations {
public:
    // `user` is empty for an anonymous session: nobody can address its queue, but what is said to
    // everybody reaches it.
    void add(std::string_view user, std::string_view queue, subscription& who) {
        auto& slot = queues_[key(user, queue)];
        if (slot == nullptr) slot = std::make_unique<user_queue>(user_queue{key(user, queue), {}});
        who.place = slot.get();
        slot->subscribers.add(who);
    }

    void remove(subscription& who) {
        auto* const from = static_cast<user_queue*>(who.place);
        from->subscribers.remove(who);
        who.place = nullptr;
        if (from->subscribers.empty()) queues_.erase(queues_.find(from->key));
    }

    // Calls `visit(subscription&)` for every session of the user that subscribed to the queue.
    template <typename Visit>
    void for_each(std::string_view user, std::string_view queue, Visit&& visit) const {
        if (user.empty()) return;
        auto const found = queues_.find(key(user, queue));
        if (found == queues_.end()) return;
        for (subscription* who : found->second->subscribers) visit(*who);
    }

    // The same for every user that has such a queue. Looks at all queues of the shard: what is said
    // to everybody costs as much anyway.
    template <typename Visit>
    void for_everybody(std::string_view queue, Visit&& visit) const {
        std::string const ending = key({}, queue);
        for (auto const& [key, slot] : queues_) {
            if (!key.ends_with(ending)) continue;
            for (subscription* who : slot->subscribers) visit(*who);
        }
    }

    // The user whose queue `who` is subscribed to; good until it is removed.
    static std::string_view user_of(subscription const& who) noexcept {
        std::string_view const both = static_cast<user_queue const*>(who.place)->key;
        return both.substr(0, both.find('\0'));
    }

    std::size_t size() const noexcept { return queues_.size(); }

private:
    struct user_queue {
        std::string key;
        subscriber_list subscribers;
    };

    static std::string key(std::string_view user, std::string_view queue) {
        std::string joined;
        joined.reserve(user.size() + 1 + queue.size());
        return joined.append(user).append(1, '\0').append(queue);  // NUL stands in no STOMP header
    }

    string_map<std::unique_ptr<user_queue>> queues_;
};

}  // namespace broker::routing
