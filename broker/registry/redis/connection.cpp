#include "broker/registry/redis/connection.hpp"

#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>
#include <vector>

namespace broker::redis {

namespace {

timeval to_timeval(std::chrono::milliseconds time) {
    return {.tv_sec = static_cast<time_t>(time.count() / 1000),
            .tv_usec = static_cast<suseconds_t>(time.count() % 1000 * 1000)};
}

struct argument_lists {
    explicit argument_lists(std::span<std::string_view const> words) {
        texts.reserve(words.size());
        sizes.reserve(words.size());
        for (std::string_view const word : words) {
            // hiredis copies from a null pointer when an empty view has one.
            texts.push_back(word.empty() ? "" : word.data());
            sizes.push_back(word.size());
        }
    }
    int count() const { return static_cast<int>(texts.size()); }

    std::vector<char const*> texts;
    std::vector<std::size_t> sizes;
};

}  // namespace

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

void context_closer::operator()(redisContext* context) const noexcept {
    redisFree(context);
}

void reply_closer::operator()(redisReply* reply) const noexcept {
    freeReplyObject(reply);
}

context_ptr connect(std::string const& host, int port, std::chrono::milliseconds connect_timeout,
                    std::chrono::milliseconds command_timeout) {
    context_ptr context(redisConnectWithTimeout(host.c_str(), port, to_timeval(connect_timeout)));
    if (context == nullptr) throw std::runtime_error("out of memory");
    if (context->err != 0) throw std::runtime_error(context->errstr);
    if (redisSetTimeout(context.get(), to_timeval(command_timeout)) != REDIS_OK) {
        throw std::runtime_error(context->errstr);
    }
    redisEnableKeepAlive(context.get());
    return context;
}

reply_ptr call(redisContext& context, std::span<std::string_view const> words) {
    argument_lists list(words);
    reply_ptr answer(static_cast<redisReply*>(
        redisCommandArgv(&context, list.count(), list.texts.data(), list.sizes.data())));
    if (answer == nullptr) throw std::runtime_error(context.errstr);
    if (answer->type == REDIS_REPLY_ERROR) {
        throw std::runtime_error(std::string(answer->str, answer->len));
    }
    return answer;
}

connection::connection(context_ptr context, std::chrono::milliseconds command_timeout,
                       metrics::histogram& latency)
    : context_(std::move(context)), command_timeout_(command_timeout), latency_(latency) {
    context_->flags &= ~REDIS_BLOCK;
    int const flags = fcntl(context_->fd, F_GETFL);
    if (flags < 0 || fcntl(context_->fd, F_SETFL, flags | O_NONBLOCK) < 0) {
        throw std::runtime_error("fcntl");
    }
}

connection::~connection() = default;

void connection::send(std::span<std::string_view const> words, reply_handler on_reply) {
    argument_lists list(words);
    if (redisAppendCommandArgv(context_.get(), list.count(), list.texts.data(),
                               list.sizes.data()) != REDIS_OK) {
        throw std::runtime_error(context_->errstr);
    }
    unwritten_ = true;
    ++commands_;
    awaited_.push_back({clock::now() + command_timeout_, std::move(on_reply)});
}

bool connection::write() {
    if (clock::now() >= deadline()) return broken("no answer in time");
    if (!unwritten_) return true;
    int done = 0;
    if (redisBufferWrite(context_.get(), &done) != REDIS_OK) return broken(context_->errstr);
    unwritten_ = done == 0;
    return true;
}

bool connection::read() {
    if (redisBufferRead(context_.get()) != REDIS_OK) return broken(context_->errstr);
    auto const now = clock::now();
    for (;;) {
        void* taken = nullptr;
        if (redisReaderGetReply(context_->reader, &taken) != REDIS_OK) {
            return broken(context_->reader->errstr);
        }
        if (taken == nullptr) break;
        reply_ptr const answer(static_cast<redisReply*>(taken));
        // What we send is never wrong by itself: Redis is read-only, loading, full or another's.
        if (answer->type == REDIS_REPLY_ERROR) return broken({answer->str, answer->len});
        if (awaited_.empty()) return broken("an answer to nothing");
        auto const sent = awaited_.front().deadline - command_timeout_;
        latency_.observe(std::chrono::duration<double>(now - sent).count());
        reply_handler on_reply = std::move(awaited_.front().on_reply);
        awaited_.pop_front();
        on_reply(reply(answer.get()));
    }
    return true;
}

void connection::fail() {
    // A handler may ask for something else, which fails too.
    while (!awaited_.empty()) {
        reply_handler on_reply = std::move(awaited_.front().on_reply);
        awaited_.pop_front();
        on_reply(reply(nullptr));
    }
}

int connection::socket() const noexcept {
    return context_->fd;
}

clock::time_point connection::deadline() const noexcept {
    return awaited_.empty() ? clock::time_point::max() : awaited_.front().deadline;
}

bool connection::broken(std::string why) {
    error_ = std::move(why);
    return false;
}

}  // namespace broker::redis
