#pragma once

#include "broker/ports/metrics.hpp"
#include "broker/unique_function.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct redisContext;
struct redisReply;

// One connection to Redis, and hiredis' handles. After `established` it never blocks: commands are
// gathered and leave with the next write(), answers come in the order of the commands.
// Used by one thread.

namespace broker::redis {

using clock = std::chrono::steady_clock;

// An answer, or a part of one; a view, good for as long as the handler runs.
class reply {
public:
    explicit reply(redisReply const* of) : of_(of) {}

    // False when the connection was lost before the answer came.
    bool came() const noexcept { return of_ != nullptr; }
    bool is_error() const noexcept;
    std::string_view text() const noexcept;  // empty for what is no text, and for nil
    long long number() const noexcept;       // 0 for what is none
    std::uint64_t count() const noexcept;    // the number; 0 for less than that
    std::size_t size() const noexcept;       // elements
    reply at(std::size_t index) const noexcept;

private:
    redisReply const* of_;
};

using reply_handler = unique_function<void(reply)>;

struct context_closer {
    void operator()(redisContext* context) const noexcept;
};
using context_ptr = std::unique_ptr<redisContext, context_closer>;

struct reply_closer {
    void operator()(redisReply* reply) const noexcept;
};
using reply_ptr = std::unique_ptr<redisReply, reply_closer>;

// For the time before a connection is used: these block, each for at most the timeouts. They throw
// std::runtime_error, also when Redis answers with an error.
context_ptr connect(std::string const& host, int port, std::chrono::milliseconds connect_timeout,
                    std::chrono::milliseconds command_timeout);
reply_ptr call(redisContext& context, std::span<std::string_view const> words);

class connection {
public:
    // `latency` outlives us: from a command's sending to its answer.
    connection(context_ptr context, std::chrono::milliseconds command_timeout,
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

    bool broken(std::string why);

    context_ptr context_;
    std::chrono::milliseconds const command_timeout_;
    metrics::histogram& latency_;
    std::deque<awaited> awaited_;
    bool unwritten_ = false;
    std::uint64_t commands_ = 0;
    std::string error_;
};

}  // namespace broker::redis
