#include "broker/registry/redis/reply.hpp"

#include "broker/registry/redis/hiredis.hpp"

#include <algorithm>

namespace broker::redis {

bool reply::is_error() const noexcept {
    return of_ != nullptr && of_->type == REDIS_REPLY_ERROR;
}

std::string_view reply::text() const noexcept {
    if (of_ == nullptr || (of_->type != REDIS_REPLY_STRING && of_->type != REDIS_REPLY_STATUS &&
                           of_->type != REDIS_REPLY_ERROR)) {
        return {};
    }
    return {of_->str, of_->len};
}

long long reply::number() const noexcept {
    return of_ != nullptr && of_->type == REDIS_REPLY_INTEGER ? of_->integer : 0;
}

std::uint64_t reply::count() const noexcept {
    return static_cast<std::uint64_t>(std::max(number(), 0LL));
}

std::size_t reply::size() const noexcept {
    return of_ != nullptr && of_->type == REDIS_REPLY_ARRAY ? of_->elements : 0;
}

reply reply::at(std::size_t index) const noexcept {
    return reply(index < size() ? of_->element[index] : nullptr);
}

void reply_closer::operator()(redisReply* reply) const noexcept {
    freeReplyObject(reply);
}

}  // namespace broker::redis
