#pragma once

#include "broker/tls/server_check.hpp"

#include <openssl/types.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

// TLS on a socket that is connected and does not block. Writes raise SIGPIPE when the other side is
// gone: the thread has it blocked. One thread.

namespace broker::redis {

// The end of a time for something that waits for a socket.
class deadline {
public:
    explicit deadline(std::chrono::milliseconds from_now);
    // False when the time is over.
    bool wait(int socket, short events) const noexcept;

private:
    std::chrono::steady_clock::time_point const at_;
};

class tls_session {
public:
    // Makes the handshake, and makes sure that the server is `host`. Waits for it. Like all here it
    // throws std::runtime_error, with a sentence for the operator.
    tls_session(int socket, std::string const& host, std::string const& ca_file,
                std::chrono::milliseconds timeout);

    // How much of it was written, or read; 0 when the socket has to be waited for. What was not
    // written is to be offered again, with or without more behind it.
    std::size_t write(std::string_view data);
    std::size_t read(std::span<char> into);
    // Something can be read without the socket.
    bool has_more() const noexcept;

private:
    struct closer {
        void operator()(SSL_CTX* context) const noexcept;
        void operator()(SSL* session) const noexcept;
    };

    void shake_hands(int socket, std::chrono::milliseconds timeout);
    // Returns when the operation was only too early.
    void check(int outcome, char const* doing) const;

    tls::server_check server_;
    std::unique_ptr<SSL_CTX, closer> context_;
    std::unique_ptr<SSL, closer> session_;
};

}  // namespace broker::redis
