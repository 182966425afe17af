#pragma once

#include "broker/unique_function.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

struct redisReply;

// What Redis answers, as hiredis has parsed it.

namespace broker::redis {

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

struct reply_closer {
    void operator()(redisReply* reply) const noexcept;
};
using reply_ptr = std::unique_ptr<redisReply, reply_closer>;

}  // namespace broker::redis
