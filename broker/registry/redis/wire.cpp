#include "broker/registry/redis/wire.hpp"

#include "broker/registry/redis/hiredis.hpp"
#include "broker/registry/redis/tls_session.hpp"

#include <fcntl.h>
#include <poll.h>
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

void wire::closer::operator()(redisContext* context) const noexcept {
    redisFree(context);
}

wire::wire(address const& where, wire_options const& options)
    : command_timeout_(options.command_timeout),
      context_(redisConnectWithTimeout(where.host.c_str(), where.port,
                                       to_timeval(options.connect_timeout))) {
    prepare_context();
    redisEnableKeepAlive(context_.get());
    if (where.tls) {
        tls_ = std::make_unique<tls_session>(context_->fd, where.host, options.ca_file,
                                             options.connect_timeout);
    }
}

wire::wire(int connected, std::chrono::milliseconds command_timeout)
    : command_timeout_(command_timeout), context_(redisConnectFd(connected)) {
    prepare_context();
}

wire::~wire() = default;

void wire::prepare_context() {
    if (context_ == nullptr) throw std::runtime_error("out of memory");
    if (context_->err != 0) throw std::runtime_error(context_->errstr);
    context_->flags &= ~REDIS_BLOCK;
    int const flags = fcntl(context_->fd, F_GETFL);
    if (flags < 0 || fcntl(context_->fd, F_SETFL, flags | O_NONBLOCK) < 0) {
        throw std::runtime_error("fcntl");
    }
}

void wire::append(std::span<std::string_view const> words) {
    argument_lists list(words);
    if (redisAppendCommandArgv(context_.get(), list.count(), list.texts.data(),
                               list.sizes.data()) != REDIS_OK) {
        throw std::runtime_error(context_->errstr);
    }
}

bool wire::write() {
    if (tls_ == nullptr) {
        int done = 0;
        if (redisBufferWrite(context_.get(), &done) != REDIS_OK) {
            throw std::runtime_error(context_->errstr);
        }
        return done != 0;
    }
    std::string_view const waiting(context_->obuf, sdslen(context_->obuf));
    std::size_t written = 0;
    while (written != waiting.size()) {
        auto const size = tls_->write(waiting.substr(written));
        if (size == 0) break;
        written += size;
    }
    bool const all = written == waiting.size();
    sdsrange(context_->obuf, static_cast<int>(written), -1);
    return all;
}

void wire::read() {
    if (tls_ == nullptr) {
        if (redisBufferRead(context_.get()) != REDIS_OK) fail_reading(context_->errstr);
        return;
    }
    std::array<char, 16'384> part;
    // What TLS has decrypted already would not make the socket readable again.
    do {
        auto const size = tls_->read(part);
        if (size == 0) return;
        if (redisReaderFeed(context_->reader, part.data(), size) != REDIS_OK) {
            throw std::runtime_error(context_->reader->errstr);
        }
    } while (tls_->has_more());
}

reply_ptr wire::next() {
    void* taken = nullptr;
    if (redisReaderGetReply(context_->reader, &taken) != REDIS_OK) {
        fail_reading(context_->reader->errstr);
    }
    heard_ |= taken != nullptr;
    return reply_ptr(static_cast<redisReply*>(taken));
}

// A port with TLS breaks off, or answers with an alert, when it hears something else.
void wire::fail_reading(std::string why) const {
    if (tls_ == nullptr && !heard_) {
        why += " (the address of a port with TLS begins with rediss://)";
    }
    throw std::runtime_error(why);
}

reply_ptr wire::call(std::span<std::string_view const> words) {
    deadline const until(command_timeout_);
    append(words);
    reply_ptr answer;
    for (bool written = false; answer == nullptr; answer = next()) {
        if (!written) written = write();
        if (!until.wait(socket(), written ? POLLIN : POLLIN | POLLOUT)) {
            throw std::runtime_error("no answer in time");
        }
        read();
    }
    if (answer->type == REDIS_REPLY_ERROR) {
        throw std::runtime_error(std::string(answer->str, answer->len));
    }
    return answer;
}

int wire::socket() const noexcept {
    return context_->fd;
}

}  // namespace broker::redis
