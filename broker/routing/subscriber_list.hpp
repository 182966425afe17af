#pragma once

#include "broker/routing/subscription.hpp"

#include <cstddef>
#include <vector>

// The subscriptions of one destination: added at the end, removed in constant time by swapping with
// the last.

namespace broker::routing {

class subscriber_list {
public:
    void add(subscription& who) {
        who.slot = static_cast<std::uint32_t>(members_.size());
        members_.push_back(&who);
    }

    void remove(subscription& who) noexcept {
        subscription* last = members_.back();
        members_[who.slot] = last;
        last->slot = who.slot;
        members_.pop_back();
    }

    bool empty() const noexcept { return members_.empty(); }
    std::size_t size() const noexcept { return members_.size(); }
    auto begin() const noexcept { return members_.begin(); }
    auto end() const noexcept { return members_.end(); }

private:
    std::vector<subscription*> members_;
};

}  // namespace broker::routing
