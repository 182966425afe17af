#pragma once

#include "broker/transport/byte_stream.hpp"
#include "broker/transport/loop.hpp"
#include "broker/transport/poller.hpp"
#include "broker/transport/timer_wheel.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

// What every connection has: a socket in its loop's poller, a deadline, a place in the list of its
// host, which owns it. Thousands of them idle: every byte here counts.

namespace broker::transport {

class connection_host;
class outbound_queue;

class connection : public pollable, public timed, public flushable {
public:
    connection(connection_host& host, byte_stream stream);
    connection(connection const&) = delete;
    connection& operator=(connection const&) = delete;
    ~connection() override;

    // Begins: the socket is watched from here on. False: the system has no room for it, and the
    // connection has ended.
    bool start();

    // Ends at once, whatever the state; whoever uses the connection is told.
    virtual void terminate() = 0;
    // The node stops: end as soon as nothing is under way.
    virtual void drain() {}

protected:
    static constexpr std::uint32_t watch_input = EPOLLIN;
    static constexpr std::uint32_t watch_output = EPOLLOUT;
    static constexpr std::uint32_t watch_peer_end = EPOLLRDHUP;

    connection_host& host() noexcept { return host_; }
    loop& home() noexcept;
    byte_stream& stream() noexcept { return stream_; }
    byte_stream const& stream() const noexcept { return stream_; }
    bool ended() const noexcept { return ended_; }

    void watch(std::uint32_t events) noexcept;
    // flush() will be called at the end of this turn.
    void schedule_flush();
    void set_deadline(steady_time when);
    void cancel_deadline() noexcept;

    // Reads what is there into `buffer`; see byte_stream.
    io_result read(std::span<char> buffer);
    // Sends one batch from the front of the queue, unless the socket was full the last time. False
    // when the connection is broken.
    bool write_batch(outbound_queue& queue);
    // The socket takes no more until it says so by EPOLLOUT.
    bool blocked() const noexcept { return blocked_; }
    void writable_again() noexcept;

    // Takes the socket out of this connection, which thereby ends.
    byte_stream release();
    // Closes the socket; the object lives until the end of the turn.
    void end() noexcept;

    // To be called first in flush(). False when the connection has ended meanwhile.
    bool flush_begins() noexcept {
        flush_is_coming_ = false;
        return !ended_;
    }

private:
    friend class connection_host;
    void leave_host(bool socket_lives_on) noexcept;

    connection_host& host_;
    byte_stream stream_;
    std::uint32_t watched_ = 0;
    std::uint32_t place_ = 0;  // in the host's list
    bool ended_ = false;
    bool blocked_ = false;
    bool flush_is_coming_ = false;
};

}  // namespace broker::transport
