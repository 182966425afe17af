#include "broker/transport/byte_stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <utility>

namespace broker::transport {
namespace {

constexpr std::size_t tls_record_bytes = 16 * 1024;

bool would_block(int error) {
    return error == EAGAIN || error == EWOULDBLOCK;
}

}  // namespace

void ssl_deleter::operator()(SSL* session) const noexcept {
    SSL_free(session);
}

byte_stream::byte_stream(int descriptor, ssl_ptr session)
    : descriptor_(descriptor), session_(std::move(session)) {}

byte_stream::byte_stream(byte_stream&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      read_waits_for_write_(other.read_waits_for_write_),
      committed_(other.committed_),
      session_(std::move(other.session_)),
      seat_(std::move(other.seat_)) {}

byte_stream& byte_stream::operator=(byte_stream&& other) noexcept {
    close();
    descriptor_ = std::exchange(other.descriptor_, -1);
    read_waits_for_write_ = other.read_waits_for_write_;
    committed_ = other.committed_;
    session_ = std::move(other.session_);
    seat_ = std::move(other.seat_);
    return *this;
}

byte_stream::~byte_stream() {
    close();
}

void byte_stream::close() noexcept {
    session_.reset();
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
    seat_.release();
}

io_result byte_stream::read(std::span<char> buffer) noexcept {
    if (session_ != nullptr) return read_tls(buffer);
    for (;;) {
        auto const got = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
        if (got > 0) return {io_status::done, static_cast<std::size_t>(got)};
        if (got == 0) return {io_status::ended, 0};
        if (errno == EINTR) continue;
        return {would_block(errno) ? io_status::blocked : io_status::failed, 0};
    }
}

io_result byte_stream::write(std::span<iovec const> pieces) noexcept {
    if (session_ != nullptr) return write_tls(pieces);
    std::size_t wanted = 0;
    for (auto const& piece : pieces) wanted += piece.iov_len;
    for (;;) {
        ssize_t sent = 0;
        if (pieces.size() == 1) {
            sent = ::send(descriptor_, pieces[0].iov_base, wanted, MSG_NOSIGNAL);
        } else {
            msghdr message{};
            message.msg_iov = const_cast<iovec*>(pieces.data());
            message.msg_iovlen = pieces.size();
            sent = ::sendmsg(descriptor_, &message, MSG_NOSIGNAL);
        }
        if (sent >= 0) {
            auto const bytes = static_cast<std::size_t>(sent);
            return {bytes == wanted ? io_status::done : io_status::blocked, bytes};
        }
        if (errno == EINTR) continue;
        return {would_block(errno) ? io_status::blocked : io_status::failed, 0};
    }
}

io_result byte_stream::read_tls(std::span<char> buffer) noexcept {
    read_waits_for_write_ = false;
    std::size_t total = 0;
    while (total < buffer.size()) {
        ERR_clear_error();
        std::size_t got = 0;
        int const outcome =
            SSL_read_ex(session_.get(), buffer.data() + total, buffer.size() - total, &got);
        if (outcome == 1) {
            total += got;
            continue;
        }
        switch (SSL_get_error(session_.get(), outcome)) {
            case SSL_ERROR_WANT_WRITE: read_waits_for_write_ = true; [[fallthrough]];
            case SSL_ERROR_WANT_READ: return {io_status::blocked, total};
            case SSL_ERROR_ZERO_RETURN:
                // What came before the end is handed out first; the next read says it again.
                return {total > 0 ? io_status::done : io_status::ended, total};
            default: return {io_status::failed, total};
        }
    }
    return {io_status::done, total};
}

io_result byte_stream::write_tls(std::span<iovec const> pieces) noexcept {
    committed_ = 0;
    std::size_t total = 0;
    for (auto const& piece : pieces) {
        std::size_t offset = 0;
        while (offset < piece.iov_len) {
            ERR_clear_error();
            std::size_t sent = 0;
            auto const* const from = static_cast<char const*>(piece.iov_base) + offset;
            int const outcome = SSL_write_ex(session_.get(), from, piece.iov_len - offset, &sent);
            if (outcome == 1) {
                offset += sent;
                total += sent;
                continue;
            }
            switch (SSL_get_error(session_.get(), outcome)) {
                case SSL_ERROR_WANT_READ:
                case SSL_ERROR_WANT_WRITE:
                    committed_ = static_cast<std::uint16_t>(
                        std::min(piece.iov_len - offset, tls_record_bytes));
                    return {io_status::blocked, total};
                default: return {io_status::failed, total};
            }
        }
    }
    return {io_status::done, total};
}

void byte_stream::end_writing() noexcept {
    if (session_ != nullptr) {
        ERR_clear_error();
        SSL_shutdown(session_.get());  // close_notify; the peer's is not awaited
    }
    ::shutdown(descriptor_, SHUT_WR);
}

}  // namespace broker::transport
