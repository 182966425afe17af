#pragma once

#include "stomp/limits.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

// What one session may take and how long it may wait. Data only; one for all sessions of a node,
// read by every shard.

namespace broker {

struct session_limits {
    // Before CONNECT succeeded a peer is a stranger: room for a token, and for a frame that came
    // too early to be told so.
    stomp::limits frames_before_connect{
        .max_header_count = 32,
        .max_header_line = 16 * 1024,
        .max_headers_total = 24 * 1024,
        .max_body = 4 * 1024,
    };
    stomp::limits frames;  // once connected

    std::chrono::milliseconds connect_timeout{10'000};   // from the opening to CONNECTED
    std::chrono::milliseconds disconnect_linger{5'000};  // the client closes after its RECEIPT

    // What CONNECTED offers. The client's wishes may make either longer, or switch it off.
    std::chrono::milliseconds heart_beat_send_every{10'000};
    std::chrono::milliseconds heart_beat_want_every{10'000};
    // A client is missing after twice its interval and this.
    std::chrono::milliseconds heart_beat_grace{5'000};
    // The least wait on a link whose own pings find dead peers: two wake-ups of a throttled
    // browser tab, which come once a minute, and a margin.
    std::chrono::milliseconds heart_beat_patience_with_pings{130'000};

    std::size_t max_subscriptions = 1'000;
    std::size_t max_id_bytes = 256;  // of a subscription's id and a transaction's name
    std::size_t max_app_sends_in_flight = 512;

    std::size_t max_pending_acks = 10'000;  // deliveries; above it: close slow_consumer
    std::uint32_t max_delivery_attempts = 5;

    std::size_t max_transactions = 16;                  // open at once
    std::size_t max_transaction_frames = 1'000;         // in each
    std::size_t max_transaction_bytes = 1024UL * 1024;  // in each, as kept in memory
};

}  // namespace broker
