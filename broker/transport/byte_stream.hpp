#pragma once

#include "broker/limiting/account.hpp"

#include <openssl/types.h>
#include <sys/uio.h>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

// One connected socket, plain or TLS, non-blocking, behind the same few calls. Owns both; knows
// nothing of loops, so that it can move from one to another.

namespace broker::transport {

// After end_writing(): long enough for the last bytes to cross, short for those who stay.
constexpr std::chrono::seconds linger_deadline{2};

enum class io_status : std::uint8_t {
    done,     // everything that was asked for
    blocked,  // nothing (more) now; wait for readiness
    ended,    // the peer has closed its side; only from read()
    failed,   // broken
};

struct io_result {
    io_status status = io_status::failed;
    std::size_t bytes = 0;  // may be more than 0 with every status but `ended`
};

struct ssl_deleter {
    void operator()(SSL* session) const noexcept;
};
using ssl_ptr = std::unique_ptr<SSL, ssl_deleter>;

class byte_stream {
public:
    byte_stream() = default;
    // Takes `descriptor` over. With a session: TLS, whose handshake is made by the first reads.
    explicit byte_stream(int descriptor, ssl_ptr session = nullptr);
    byte_stream(byte_stream&& other) noexcept;
    byte_stream& operator=(byte_stream&& other) noexcept;
    ~byte_stream();

    bool is_open() const noexcept { return descriptor_ >= 0; }
    bool secure() const noexcept { return session_ != nullptr; }
    int descriptor() const noexcept { return descriptor_; }

    // What the socket's address holds for it, until it is closed.
    void keep(limiting::socket_seat seat) noexcept { seat_ = std::move(seat); }

    // Fills `buffer` as far as bytes are there: one system call when plain. `done` means there may
    // be more.
    io_result read(std::span<char> buffer) noexcept;
    // Bytes may lie decrypted in memory, for which no readiness of the socket will come.
    bool may_hold_input() const noexcept { return session_ != nullptr; }
    // The last read() must send before it can go on (a TLS handshake): wait for writability too.
    bool read_waits_for_write() const noexcept { return read_waits_for_write_; }

    // Sends the pieces in order. After `blocked` a TLS stream may have encrypted up to
    // `committed()` bytes more than it reports: the next write must begin with the same bytes.
    io_result write(std::span<iovec const> pieces) noexcept;
    std::size_t committed() const noexcept { return committed_; }

    // Says goodbye: nothing will be written any more (close_notify, FIN).
    void end_writing() noexcept;
    void close() noexcept;

private:
    io_result read_tls(std::span<char> buffer) noexcept;
    io_result write_tls(std::span<iovec const> pieces) noexcept;

    int descriptor_ = -1;
    bool read_waits_for_write_ = false;
    std::uint16_t committed_ = 0;
    ssl_ptr session_;
    limiting::socket_seat seat_;
};

}  // namespace broker::transport
