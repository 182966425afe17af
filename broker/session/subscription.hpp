#pragma once

#include "stomp/ack_mode.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

// One subscription of a session. Its texts are in one block that does not move while the
// subscription lives: views of them may be kept until action::end_subscription.

namespace broker {

// Names a subscription within its session; never used twice, not even when the client uses an id
// again.
enum class subscription_handle : std::uint32_t { none = 0 };

enum class subscription_source : std::uint8_t {
    topic,            // an exact generic topic
    topic_pattern,    // a generic topic with wildcards
    sequenced_topic,  // a topic that broker/ports/sequenced_topics owns
    user_queue,       // a queue of the caller
};

enum class subscription_state : std::uint8_t {
    opening,  // asked for, not yet live
    active,
    ended,  // by the node; kept until the client's UNSUBSCRIBE so that it is no surprise
};

class subscription {
public:
    // Without an id (1.0 only) the subscription goes by its destination, and its MESSAGEs carry no
    // `subscription` header. `queue` is the end of `destination`, for user queues.
    subscription(subscription_handle handle, std::optional<std::string_view> id,
                 std::string_view destination, std::string_view queue, subscription_source source,
                 stomp::ack_mode ack);

    subscription_handle handle() const noexcept { return handle_; }
    std::optional<std::string_view> id() const noexcept {
        if (!has_id_) return std::nullopt;
        return std::string_view(texts_.get(), id_size_);
    }
    std::string_view destination() const noexcept {
        return {texts_.get() + id_size_, destination_size_};
    }
    // "/queue/messages"; empty unless source() is user_queue.
    std::string_view queue() const noexcept {
        return destination().substr(destination_size_ - queue_size_);
    }
    subscription_source source() const noexcept { return source_; }
    stomp::ack_mode ack() const noexcept { return ack_; }
    bool needs_acks() const noexcept { return ack_ != stomp::ack_mode::automatic; }

    subscription_state state() const noexcept { return state_; }
    void set_state(subscription_state state) noexcept { state_ = state; }

private:
    std::unique_ptr<char[]> texts_;  // id, destination
    subscription_handle handle_;
    std::uint16_t id_size_;
    std::uint16_t destination_size_;
    std::uint16_t queue_size_;
    bool has_id_;
    subscription_source source_;
    stomp::ack_mode ack_;
    subscription_state state_ = subscription_state::opening;
};

}  // namespace broker
