#pragma once

#include "stomp/errors.hpp"
#include "stomp/frame.hpp"
#include "stomp/limits.hpp"
#include "stomp/version.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// Bytes to frames, cut anywhere (STOMP 1.2, "STOMP Frames" and "Augmented BNF").
//
// A parser belongs to one connection and reads either direction. A frame that lies wholly in the
// input is not copied: its views point into the input, where escapes are resolved in place. Only an
// unfinished frame is kept, in memory that grows with the bytes received and never with what a
// content-length claims; without one a parser holds no heap memory. Reading is linear in the bytes
// however they are cut. One thread at a time.

namespace stomp {

// The working memory of parsing, reused from frame to frame; one serves all parsers of a thread.
// It holds the headers of the last frame and, if that frame came in pieces, its bytes.
class header_scratch {
public:
    // Forgets the last frame; its views become invalid.
    void clear() noexcept {
        headers_.clear();
        if (assembled_.capacity() != 0) std::vector<char>().swap(assembled_);
    }

private:
    friend class frame_parser;

    std::vector<header_view> headers_;
    std::vector<char> assembled_;
};

struct need_more {};   // all input is consumed
struct heart_beat {};  // one or more line ends between frames

// Why a stream cannot be read further. Its views lie where a frame's would.
struct parse_error {
    errc code{};
    std::string_view subject{};  // the header's name or the unknown command, if there is one
    std::size_t limit = 0;       // for is_limit(code): the bound, in bytes or headers
    std::string_view receipt{};  // the frame's receipt id if it was read by then: for receipt-id

    // A sentence that says what, which and how much: "The header line 'token' is longer than 16384
    // bytes." Safe to send: what the peer wrote is shortened, and unprintable octets are masked.
    std::string describe() const;
};

using outcome = std::variant<need_more, heart_beat, frame, parse_error>;

class frame_parser {
public:
    frame_parser() noexcept;
    frame_parser(frame_parser&&) noexcept;
    frame_parser& operator=(frame_parser&&) noexcept;
    ~frame_parser();

    // Reads up to the end of the next frame (or run of line ends) and moves the front of `input`
    // past it; call again until it answers need_more. `input` is overwritten where escapes are
    // resolved. The frame answered is valid until the next call that uses `scratch`. After a
    // parse_error the stream is out of step: the rest of the input is dropped and each further call
    // gives the error again, without its views.
    outcome next(std::span<char>& input, header_scratch& scratch, limits const& bounds);

    // Tells the parser that a WebSocket *text* message ends here (its last fragment; never call
    // this for binary messages, SockJS or TCP). Some React Native versions cut a text message at
    // its first NUL, so that no frame of theirs ever ends. Answers the frame that is complete by
    // that, or need_more.
    //
    // Clients may also lawfully split a frame over several messages. What tells the cases apart:
    // - In the head, or with fewer octets than content-length says: split. Go on.
    // - All of content-length is there, or the command has no body: only NUL could follow, so the
    //   frame is complete. If the next octet is that NUL it was a split just before it, and is
    //   swallowed.
    // - A body without content-length: complete only if this connection is known to lose its NULs,
    //   that is, an earlier frame ended with its message and what came next was not NUL. Every such
    //   connection shows this with its CONNECT. Frames that do end with NUL prove nothing: binary
    //   messages of the same client keep theirs.
    // A lawful stream therefore gives the same frames with and without these calls. What cannot be
    // read is a client that loses NULs, splits, and sends no content-length, all at once.
    outcome finish_message(header_scratch& scratch);

    // The version agreed on, called between the CONNECT and the next frame. It governs line ends
    // (CRLF in 1.2 only), escapes, the trimming of padding (1.0) and whether commands but SEND,
    // MESSAGE and ERROR may have a body (1.0). Until then a CONNECT is read with either line end,
    // and a frame that asks for nothing above 1.0 as one of 1.0.
    void set_version(version v) noexcept { version_ = v; }
    std::optional<version> negotiated_version() const noexcept { return version_; }

    // True between frames: nothing is held.
    bool idle() const noexcept { return !partial_; }

    // Memory held for an unfinished frame, in bytes.
    std::size_t held_bytes() const noexcept;

private:
    struct partial_frame;

    std::optional<outcome> skip_line_ends(std::span<char>& input);
    outcome begin(std::span<char>& input, header_scratch& scratch, limits const& bounds);
    outcome resume(std::span<char>& input, header_scratch& scratch, limits const& bounds);
    std::optional<parse_error> resume_head(std::span<char>& input, header_scratch& scratch,
                                           limits const& bounds);
    outcome finish_partial(header_scratch& scratch, std::size_t body_size);
    outcome fail(parse_error error, std::span<char>& input);
    outcome fail_partial(parse_error error, std::span<char>& input, header_scratch& scratch);

    std::unique_ptr<partial_frame> partial_;
    std::optional<version> version_;
    bool nul_due_ = false;    // finish_message ended the last frame; its NUL may follow
    bool loses_nul_ = false;  // it did not follow
    bool after_cr_ = false;   // between frames, a CR was the last octet
    std::optional<errc> failed_;
};

}  // namespace stomp
