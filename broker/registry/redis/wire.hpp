#pragma once

#include "broker/registry/redis/address.hpp"
#include "broker/registry/redis/reply.hpp"

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct redisContext;

// A socket that is connected to a Redis or a Sentinel, with TLS where the address asks for it, and
// what waits to be written and to be understood. Used by one thread. Unless a comment says so it
// does not wait. std::runtime_error: the connection is of no more use; the text is for operators.

namespace broker::redis {

class tls_session;

struct wire_options {
    std::string ca_file{};  // with TLS: whom to trust; empty: the system's authorities
    std::chrono::milliseconds connect_timeout;
    std::chrono::milliseconds command_timeout;
};

class wire {
public:
    // Waits for the connection, and for as long again for the TLS handshake.
    wire(address const& where, wire_options const& options);
    // Plain, on a socket that is connected already, and ours from now on.
    wire(int connected, std::chrono::milliseconds command_timeout);
    ~wire();
    wire(wire const&) = delete;
    wire& operator=(wire const&) = delete;

    // For the next write().
    void append(std::span<std::string_view const> words);
    // Writes what can be written; true when nothing is left.
    bool write();
    // Reads what has come.
    void read();
    // The next answer, null when it has not come as a whole.
    reply_ptr next();

    // Waits for the answer; an error is thrown as well. For the time before others write.
    reply_ptr call(std::span<std::string_view const> words);

    int socket() const noexcept;

private:
    struct closer {
        void operator()(redisContext* context) const noexcept;
    };

    void prepare_context();
    [[noreturn]] void fail_reading(std::string why) const;

    std::chrono::milliseconds const command_timeout_;
    std::unique_ptr<redisContext, closer> context_;
    std::unique_ptr<tls_session> tls_;  // null: plain
    bool heard_ = false;                // anything that is an answer
};

}  // namespace broker::redis
