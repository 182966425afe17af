#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "broker/ports/clock.hpp"
#include "stomp/frame.hpp"
#include "stomp/version.hpp"

// One published message, encoded once and shared by every subscriber on the node.
//
// What differs between subscribers is only the front of their MESSAGE frame ("MESSAGE",
// subscription, ack); everything after it is the same and is kept here as the tail: message-id,
// destination, the other headers, content-length, the body and its NUL. Header escaping depends on
// the STOMP version, so a message whose headers need escapes has one tail per version; all others
// share one. Immutable; shared across threads.

namespace broker {

struct message_fields {
    std::string destination;
    std::string id;          // the message-id header; unique on the node
    std::uint64_t seq = 0;   // number in its room, sent as `seq`; 0: not a room's stored message
    bool ephemeral = false;  // may be dropped first when a subscriber is slow (typing, presence)
    steady_time received{};  // when this node got it; unset: nobody measures how long it takes
    // Further headers in order, unescaped; must not repeat the ones that this type writes.
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

// The same, borrowed from whoever has it: nothing is copied but into the tail.
struct message_parts {
    std::string_view destination;
    std::string_view id;
    std::uint64_t seq = 0;
    bool ephemeral = false;
    steady_time received{};
    std::span<stomp::header_view const> headers;
    // Headers whose name it refuses are left out; null: all pass.
    bool (*passes)(std::string_view name) = nullptr;
    std::string_view body;
};

class message {
public:
    explicit message(message_fields const& fields);
    explicit message(message_parts const& parts);
    // The message that another node's tail(v1_2) stands for: null if it is not such a tail. What
    // cannot be a tail of ours is refused, so the octets may come from anywhere.
    static std::shared_ptr<message const> from_tail(std::string_view tail, std::uint64_t seq,
                                                    bool ephemeral, steady_time received = {});

    ~message();
    message(message const&) = delete;
    message& operator=(message const&) = delete;

    std::string_view destination() const noexcept;
    std::string_view id() const noexcept;
    std::uint64_t seq() const noexcept { return seq_; }
    bool ephemeral() const noexcept { return ephemeral_; }
    // When its SEND was read here, or another node's event came; unset for what was read from the
    // store.
    steady_time received() const noexcept { return received_; }
    // The body is not UTF-8: the frame must travel in a binary WebSocket message.
    bool binary() const noexcept { return binary_; }
    std::string_view body() const noexcept;

    // "message-id:…\ndestination:…\n…\n\nBODY\0"
    std::string_view tail(stomp::version version) const noexcept;

private:
    // What only a message with escapes needs.
    struct escaped;
    struct tail_sizes;

    message(std::string_view tail, tail_sizes const& sizes, std::uint64_t seq, bool ephemeral,
            steady_time received);

    std::string tail_;  // 1.2, and every version when nothing needs escapes
    std::unique_ptr<escaped> escaped_;
    std::uint64_t seq_;
    steady_time received_;
    // Where id and destination stand in `tail_`, unless they are escaped there.
    std::uint32_t id_size_;
    std::uint32_t destination_size_;
    std::size_t body_size_;
    bool ephemeral_;
    bool binary_;
};

// The sizes of a tail's parts, for a message made from one.
struct message::tail_sizes {
    std::uint32_t id;
    std::uint32_t destination;
    std::size_t body;
};

using message_ptr = std::shared_ptr<message const>;

}  // namespace broker
