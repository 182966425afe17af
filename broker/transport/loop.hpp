#pragma once

#include "broker/ports/clock.hpp"
#include "broker/ports/executor.hpp"
#include "broker/transport/timer_wheel.hpp"

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <memory>
#include <vector>

// What the connections of one shard share: its io_context, the read buffer, the scratch buffer of
// the flush, the list of those that have something to send, and the timer wheel. One per shard; on
// its thread only, but for executor::post().

namespace broker {
struct shard_metrics;
}  // namespace broker

namespace broker::transport {

class poller;

// Something with bytes to send at the end of the loop turn.
class flushable {
public:
    virtual void flush() = 0;

protected:
    ~flushable() = default;
};

class loop final : public executor {
public:
    loop(std::size_t index, std::size_t read_buffer_bytes = 64 * 1024);
    ~loop() override;
    loop(loop const&) = delete;
    loop& operator=(loop const&) = delete;

    boost::asio::io_context& io() noexcept;
    std::size_t index() const noexcept;

    // Work from any thread, in order per poster, gathered: one wake-up for many.
    void post(unique_function<void()> work) override;

    // Runs until stop(); sets loop::current() for this thread.
    void run();
    void stop();  // any thread

    // The loop that runs on this thread, or null.
    static loop* current() noexcept;

    // Calls `who->flush()` once at the end of this loop turn, after every handler that is ready
    // now.
    void flush_later(std::shared_ptr<flushable> who);
    // The same for one that leaves this world by retire() only.
    void flush_later(flushable& who);
    // The same, before all of those: what other threads are to know before a client can.
    void flush_first(flushable& who);

    // Keeps `what` until the end of this turn: events and flushes on their way may still name it.
    void retire(std::shared_ptr<void> what);

    // One for all connections: whoever reads fills it and has used it up before the next handler
    // runs.
    std::vector<char>& read_buffer() noexcept;
    // Where a flush gathers small pieces for one send.
    std::vector<char>& write_scratch() noexcept;

    timer_wheel& timers() noexcept;

    // What the shard counts. Its thread writes, any may read.
    shard_metrics& metrics() noexcept;

    // What was queued in this turn is measured when it is flushed, also if nothing else asks for a
    // flush.
    void measure_flush() noexcept;

    // The sockets of the shard.
    poller& sockets() noexcept;

    // The time when this loop turn began.
    steady_time now() const noexcept;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace broker::transport
