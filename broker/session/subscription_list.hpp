#pragma once

#include "broker/session/subscription.hpp"

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

// The subscriptions of one session, in the order of their making. A session has few, so a list is
// searched from the front and costs an idle session the least.

namespace broker {

class subscription_list {
public:
    // The reference is good until the next call that changes the list.
    subscription& add(subscription added);

    subscription* find(subscription_handle handle) noexcept;
    subscription const* find(subscription_handle handle) const noexcept;
    subscription* find_by_id(std::string_view id) noexcept;
    // One without an id first: that is how a 1.0 client names it.
    subscription* find_by_destination(std::string_view destination) noexcept;
    // The first live subscription to the caller's own `queue`.
    subscription const* find_user_queue(std::string_view queue) const noexcept;

    subscription take(subscription_handle handle);

    bool empty() const noexcept { return list_.empty(); }
    std::size_t size() const noexcept { return list_.size(); }
    auto begin() const noexcept { return list_.begin(); }
    auto end() const noexcept { return list_.end(); }

private:
    std::vector<subscription> list_;
};

}  // namespace broker
