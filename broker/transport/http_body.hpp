#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

// The body of one HTTP/1 message, from the bytes behind its header as they come. Pure.
//
// Uses up all that is given, up to the body's end, and keeps none of it but the body: neither an
// extension of a chunk nor a trailer costs memory. Trailers are dropped: what is decided by a
// header is not decided anew behind the body (RFC 9110 §6.5.1).

namespace broker::transport {

class http_body {
public:
    enum class framing : std::uint8_t {
        none,
        length,  // as many bytes as the header says
        chunked,
        to_end,  // of the connection
    };
    enum class status : std::uint8_t { need_more, complete, too_large, malformed };

    http_body() = default;  // there is none
    // `length` counts with its framing only; `limit` bounds the body's bytes.
    http_body(framing how, std::uint64_t length, std::size_t limit);

    // Uses up bytes from the front of `input`, none behind the end of the body, which is appended
    // to `body`. After `complete` or a fault the same is answered again.
    status feed(std::span<char const>& input, std::string& body);

    // Whether a connection that ends here ends the body.
    bool may_end() const noexcept;

private:
    enum class state : std::uint8_t {
        size_begin,  // one digit at least
        size,
        extension_or_blank,
        extension,
        size_end,  // the line feed
        data,
        data_return,
        data_end,
        trailer_begin,
        trailer,
        trailer_end,
        last_end,
        done,
        too_large,
        malformed,
    };

    void feed_data(std::span<char const>& input, std::string& body);
    state next(char c);
    state size_digit(char c);
    state chunk_begins() const;
    state skipped(char c, state same, state at_end);

    framing how_ = framing::none;
    state state_ = state::done;
    std::uint64_t left_ = 0;   // of the body, or of the chunk
    std::uint64_t room_ = 0;   // what the body may still have
    std::size_t skipped_ = 0;  // bytes of extensions and trailers
};

}  // namespace broker::transport
