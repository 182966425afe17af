#pragma once

#include "broker/message.hpp"
#include "broker/session/subscription.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Deliveries a client has received and not yet settled, oldest first.
//
// Owned by one session, used on its shard thread only.

namespace broker {

struct pending_ack {
    std::uint64_t number = 0;  // increases within the session
    subscription_handle subscription = subscription_handle::none;
    bool cumulative = false;  // ack mode client
    std::uint32_t attempt = 1;
    message_ptr message;  // null: settled out of turn
};

// The value of MESSAGE's `ack` header: "SUBSCRIPTION.NUMBER".
struct ack_tag {
    subscription_handle subscription = subscription_handle::none;
    std::uint64_t number = 0;
};
std::string to_string(ack_tag tag);
std::optional<ack_tag> parse_ack_tag(std::string_view text) noexcept;

class pending_acks {
public:
    // Enters a delivery and returns its number.
    std::uint64_t add(subscription_handle subscription, bool cumulative, message_ptr message,
                      std::uint32_t attempt = 1);

    // Removes and returns what an ACK or NACK settles, oldest first: the delivery of that number,
    // and in client mode every older one of its subscription. Empty if it is not pending, or is
    // another subscription's; subscription_handle::none stands for any.
    std::vector<pending_ack> settle(ack_tag tag);

    // The oldest delivery of that message id; subscription_handle::none: on any subscription.
    std::optional<std::uint64_t> find(subscription_handle subscription,
                                      std::string_view message_id) const noexcept;

    // Forgets the deliveries of a subscription that ended.
    void drop(subscription_handle subscription);

    // A delivery had this number; it may be settled by now.
    bool issued(std::uint64_t number) const noexcept {
        return number != 0 && number <= last_number_;
    }

    std::size_t size() const noexcept { return live_; }
    std::size_t count(subscription_handle subscription) const noexcept;

private:
    void tidy();

    std::deque<pending_ack> pending_;  // ascending by number
    std::size_t live_ = 0;             // entries with a message
    std::uint64_t last_number_ = 0;
};

}  // namespace broker
