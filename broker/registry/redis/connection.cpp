#include "broker/registry/redis/connection.hpp"

#include <stdexcept>
#include <utility>

namespace broker::redis {

template <typename Step>
bool connection::attempt(Step step) {
    try {
        step();
    } catch (std::runtime_error const& error) {
        return broken(error.what());
    }
    return true;
}

connection::connection(std::unique_ptr<wire> line, std::chrono::milliseconds command_timeout,
                       metrics::histogram& latency)
    : line_(std::move(line)), command_timeout_(command_timeout), latency_(latency) {}

connection::~connection() = default;

void connection::send(std::span<std::string_view const> words, reply_handler on_reply) {
    line_->append(words);
    unwritten_ = true;
    ++commands_;
    awaited_.push_back({clock::now() + command_timeout_, std::move(on_reply)});
}

bool connection::write() {
    if (clock::now() >= deadline()) return broken("no answer in time");
    if (!unwritten_) return true;
    return attempt([this] { unwritten_ = !line_->write(); });
}

bool connection::read() {
    if (!attempt([this] { line_->read(); })) return false;
    auto const now = clock::now();
    for (;;) {
        reply_ptr answer;
        if (!attempt([&] { answer = line_->next(); })) return false;
        if (answer == nullptr) return true;
        reply const view(answer.get());
        // What we send is never wrong by itself: Redis is read-only, loading, full or another's.
        if (view.is_error()) return broken(std::string(view.text()));
        if (awaited_.empty()) return broken("an answer to nothing");
        auto const sent = awaited_.front().deadline - command_timeout_;
        latency_.observe(std::chrono::duration<double>(now - sent).count());
        reply_handler on_reply = std::move(awaited_.front().on_reply);
        awaited_.pop_front();
        on_reply(view);
    }
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
    return line_->socket();
}

clock::time_point connection::deadline() const noexcept {
    return awaited_.empty() ? clock::time_point::max() : awaited_.front().deadline;
}

bool connection::broken(std::string why) {
    error_ = std::move(why);
    return false;
}

}  // namespace broker::redis
