#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>

// Slows the senders of a node while the bus cannot bring on what they send.
//
// While the brake is on, a session may go on `pace` after each SEND; until then its connection is
// not read, so that its client is held back by its transport's own flow control. Nobody is stopped
// for good, and who only reads notices nothing. Asked once per SEND on every shard, without a lock.

namespace broker {

class send_brake {
public:
    enum class reason : std::uint8_t {
        blocked = 1,  // the bus takes nothing at present
        backlog = 2,  // more waits for the bus than should
    };

    // How it changed: told when it goes on and when it goes off.
    struct change {
        bool on;
        reason why;                         // what put it on
        std::uint64_t slowed = 0;           // when it goes off: the sessions that were slowed
        std::chrono::milliseconds time{0};  // when it goes off: how long it was on
    };

    // A pace of zero: the brake never goes on. `tell` is called on the threads that call set(), one
    // change at a time, and must not call set().
    send_brake(std::chrono::milliseconds pace, std::function<void(change const&)> tell);
    send_brake(send_brake const&) = delete;
    send_brake& operator=(send_brake const&) = delete;

    // Any thread. On while any of the reasons holds.
    void set(reason why, bool holds);

    // Any thread, as everything below. A session may see a change a little late.
    bool on() const noexcept { return is_on(round()); }
    std::chrono::milliseconds pace() const noexcept { return pace_; }

    // Differs each time that the brake goes on. `seen` is the round in which a session was slowed
    // before; counts the session if this is another one, and answers the present round.
    std::uint32_t count_slowed(std::uint32_t seen) noexcept;

private:
    static bool is_on(std::uint32_t round) noexcept { return (round & 1U) != 0; }
    std::uint32_t round() const noexcept { return round_.load(std::memory_order_relaxed); }

    std::chrono::milliseconds const pace_;
    std::function<void(change const&)> const tell_;
    std::atomic<std::uint32_t> round_{0};  // odd: on
    std::atomic<std::uint64_t> slowed_{0};

    std::mutex mutex_;  // of the next three; not for those who ask
    std::uint8_t reasons_ = 0;
    reason began_with_ = reason::blocked;
    std::chrono::steady_clock::time_point began_;
};

}  // namespace broker
