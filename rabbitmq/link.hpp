#pragma once

#include "rabbitmq/amqp_connection.hpp"
#include "rabbitmq/options.hpp"
#include "rabbitmq/wake_up.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

// A thread with a connection that comes back: it connects to one broker after the other, with
// growing pauses, and lets its user work on the connection for as long as it holds.

namespace rabbitmq {

// What a link_user waits for: the socket's readiness to read is always included.
struct wait_for {
    std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();
    bool writable = false;
};

// Called on the link's thread only.
class link_user {
public:
    virtual ~link_user() = default;

    // A new connection: declares what is needed. link_failure: it is tried again later.
    virtual void prepare(amqp_connection& on) = 0;
    // Does what can be done now, without waiting.
    virtual wait_for work(amqp_connection& on) = 0;
    // There is no connection: what was under way on it is lost. Also at every wake until there is
    // one again.
    virtual void while_down() = 0;
    // True if nothing is left to do before the end. Asked only after stop().
    virtual bool finished() = 0;
};

class link {
public:
    // `on_up` is called on the link's thread at each change.
    link(std::string name, options const& all, link_user& user, std::shared_ptr<wake_up> waker,
         std::function<void(bool)> on_up);
    ~link() { stop(); }
    link(link const&) = delete;
    link& operator=(link const&) = delete;

    void start();
    // Lets the user finish for a while, then ends the thread. Any thread but the link's; again: as
    // you like.
    void stop();

    std::uint64_t connects() const { return connects_.load(std::memory_order_relaxed); }
    std::uint64_t losses() const { return losses_.load(std::memory_order_relaxed); }

private:
    using clock = std::chrono::steady_clock;

    void run();
    std::unique_ptr<amqp_connection> connect();
    void serve(amqp_connection& on);
    void pause(std::chrono::milliseconds time);
    void publish_connection(amqp_connection* current);
    void tell(std::string_view name, std::string detail) const;
    bool must_end() const;

    std::string const name_;
    options const& options_;  // outlives us: owned by the bus
    link_user& user_;         // outlives us: owns this
    std::shared_ptr<wake_up> const waker_;
    std::function<void(bool)> const on_up_;
    std::vector<broker_address> addresses_;
    std::size_t next_address_ = 0;

    std::mutex mutex_;  // of the next three
    std::condition_variable ending_;
    bool ended_ = false;
    amqp_connection* current_ = nullptr;  // to be interrupted
    std::atomic<bool> stopping_{false};
    std::atomic<clock::rep> stop_at_{0};
    std::atomic<std::uint64_t> connects_{0};
    std::atomic<std::uint64_t> losses_{0};
    std::thread thread_;
};

}  // namespace rabbitmq
