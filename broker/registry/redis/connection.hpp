#pragma once

#include "broker/ports/metrics.hpp"
#include "broker/registry/redis/reply.hpp"
#include "broker/registry/redis/wire.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>

// One connection to Redis. It never blocks: commands are gathered and leave with the next write(),
// answers come in the order of the commands.
// Used by one thread.

namespace broker::redis {

using clock = std::chrono::steady_clock;

class connection {
public:
    // `latency` outlives us: from a command's sending to its answer.
    connection(std::unique_ptr<wire> line, std::chrono::milliseconds command_timeout,
               metrics::histogram& latency);
    ~connection();

    connection(connection const&) = delete;
    connection& operator=(connection const&) = delete;

    // `on_reply` is called once, by read() or by fail().
    void send(std::span<std::string_view const> words, reply_handler on_reply);

    // Reads what has come and calls the handlers of what was answered; writes what can be. False
    // when the connection is of no more use; error() then says why.
    bool read();
    bool write();
    // Tells every handler that waits that no answer will come.
    void fail();

    int socket() const noexcept;
    bool wants_to_write() const noexcept { return unwritten_; }
    // When an answer is overdue, which makes write() fail; max() when none is awaited.
    clock::time_point deadline() const noexcept;
    std::string const& error() const noexcept { return error_; }
    std::uint64_t commands() const noexcept { return commands_; }

private:
    struct awaited {
        clock::time_point deadline;
        reply_handler on_reply;
    };

    // False when the step throws, which makes the connection broken.
    template <typename Step>
    bool attempt(Step step);
    bool broken(std::string why);

    std::unique_ptr<wire> line_;
    std::chrono::milliseconds const command_timeout_;
    metrics::histogram& latency_;
    std::deque<awaited> awaited_;
    bool unwritten_ = false;
    std::uint64_t commands_ = 0;
    std::string error_;
};

}  // namespace broker::redis
