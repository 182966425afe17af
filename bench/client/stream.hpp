#pragma once

#include "bench/client/addresses.hpp"
#include "bench/client/tls.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

// A non-blocking socket, with or without TLS in it. Nothing here waits or throws, but for open_tls.

namespace bench {

enum class progress : std::uint8_t {
    done,        // bytes moved, or the handshake ended
    wants_read,  // again when the socket is readable
    wants_write,
    ended,   // the other side sends no more
    failed,  // stream::error() says why
};

class stream {
public:
    stream() noexcept = default;
    explicit stream(int connected) noexcept : socket_(connected) {}  // takes it over
    ~stream() { close(); }
    stream(stream&& other) noexcept
        : socket_(std::exchange(other.socket_, -1)), tls_(std::move(other.tls_)) {}
    stream& operator=(stream&& other) noexcept;

    // Begins to connect. False, with the reason, when that fails at once.
    bool connect(socket_address const& to, socket_address const* from, std::string& error);
    // What became of it, once the socket is writable: empty, or why it failed.
    std::string connect_error() const;

    void open_tls(tls_contexts& contexts, std::string const& host, bool verify,
                  std::string const& authority);
    progress shake_hands(std::string& error);

    struct moved {
        progress what;
        std::size_t bytes = 0;
    };
    moved read(std::span<char> into, std::string& error);
    moved write(std::string_view bytes, std::string& error);

    // No more is sent; with TLS, its farewell goes out first.
    void end_sending() noexcept;
    void close() noexcept;

    int socket() const noexcept { return socket_; }
    bool has_tls() const noexcept { return tls_ != nullptr; }

private:
    int socket_ = -1;
    tls_session tls_;
};

// "connection refused" rather than the C library's "Connection refused"; the usual ones in words of
// our own.
std::string error_text(int number);

}  // namespace bench
