#pragma once

#include "broker/message.hpp"
#include "broker/routing/delivery_watch.hpp"
#include "broker/routing/subscription.hpp"
#include "broker/shard_metrics.hpp"
#include "broker/transport/payload.hpp"

#include <array>
#include <cstdint>
#include <utility>

// One message on its way to many subscriptions of this shard: its tail is made into a payload once
// and shared by all of them, one per STOMP version only where the versions differ. Its end counts
// them on the shard, all at once.

namespace broker::routing {

class fan_out {
public:
    // The message outlives us. It is not shared before somebody gets it: its count crosses shards.
    fan_out(message_ptr const& what, delivery_kind kind, delivery_watch* watch = nullptr)
        : message_(what), kind_(kind), watch_(watch) {}
    fan_out(message_ptr&&, delivery_kind, delivery_watch* = nullptr) = delete;
    ~fan_out() {
        if (count_ != 0) shard_metrics::here().delivered(kind_, count_, message_->received());
    }
    fan_out(fan_out const&) = delete;
    fan_out& operator=(fan_out const&) = delete;

    void deliver(subscription& to) {
        ++count_;
        if (!to.automatic) {
            to.owner->deliver_for_ack(to, message_);
            return;
        }
        if (watch_ != nullptr) [[unlikely]]
            watch_->on_delivery(to, *message_);
        to.out->send(
            to.head, tail(to.version),
            message_->binary() ? transport::frame_kind::binary : transport::frame_kind::text);
    }

    message_ptr const& what() const noexcept { return message_; }

private:
    transport::payload_ref const& tail(stomp::version version) {
        auto& cached = tails_[static_cast<std::size_t>(version)];
        if (!cached) cached = make_tail(version);
        return cached;
    }

    transport::payload_ref make_tail(stomp::version version);

    message_ptr const& message_;
    delivery_kind kind_;
    delivery_watch* watch_;  // null nearly always
    std::uint64_t count_ = 0;
    std::array<transport::payload_ref, 3> tails_;
};

// The shared rest of `what`'s MESSAGE frame for clients of `version`.
transport::payload_ref tail_payload(message_ptr const& what, stomp::version version);

}  // namespace broker::routing
