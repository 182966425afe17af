#pragma once

#include "rabbitmq/wake_up.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

// Whether somebody may have deleted what this node needs in RabbitMQ, although its connections
// hold: a canary of its own has not come back before the next one went. Any thread; the canaries
// are sent by one.

namespace rabbitmq {

class topology_doubt {
public:
    // `waker` wakes who dispels it.
    explicit topology_doubt(std::shared_ptr<wake_up> waker) : waker_(std::move(waker)) {}

    // To be called before it goes.
    void canary_goes(std::uint64_t number) {
        if (awaited_.exchange(number) == 0) return;
        doubted_ = true;
        waker_->wake();
    }
    // It came back, or was not sent.
    void canary_is_over(std::uint64_t number) { awaited_.compare_exchange_strong(number, 0); }

    // True once for each doubt: everything is to be declared again.
    bool take() { return doubted_.exchange(false); }

private:
    std::shared_ptr<wake_up> const waker_;
    std::atomic<std::uint64_t> awaited_{0};  // the number of a canary; 0: none
    std::atomic<bool> doubted_{false};
};

}  // namespace rabbitmq
