#pragma once

#include "broker/limiting/account.hpp"
#include "broker/transport/http.hpp"
#include "broker/transport/loop.hpp"
#include "broker/transport/outbound_queue.hpp"
#include "broker/transport/peer_address.hpp"
#include "broker/transport/websocket_deflate.hpp"
#include "broker/transport/websocket_handler.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

// What the connections of one loop share beyond the loop: their list, the pool of queues, the zlib
// streams, the limits. One per loop; on its thread only, except where said.

namespace broker::transport {

class connection;

struct http_limits {
    std::size_t header_bytes = 16 * 1024;      // request line and headers; above it: 431
    std::size_t body_bytes = 1024 * 1024;      // above it: 413
    std::chrono::seconds header_deadline{10};  // from the connection or the first byte to the last
                                               // header; covers the TLS handshake
    std::chrono::seconds body_deadline{30};    // from there to the end of the body
    std::chrono::seconds idle_deadline{75};    // between two requests
    std::chrono::seconds stall_deadline{30};   // a client that does not read its answer
};

// A request whose answer has begun.
struct answered_request {
    http_request const& request;
    unsigned status;
    std::chrono::microseconds took;  // since it was complete
};

struct tcp_limits {
    std::size_t outbound_bytes =
        4 * 1024 * 1024;  // queued for a slow reader; above it: on_overflow
};

class connection_host;

// Gives a socket its address' seat; nothing when the address has its share. Any loop.
using socket_admission =
    std::function<std::optional<limiting::socket_seat>(peer_address const& peer)>;

// What the loops share. Read-only once connections live, but for what is atomic.
struct transport_shared {
    http_limits http;
    tcp_limits tcp;
    std::atomic<std::size_t> max_connections{0};  // 0: as many as the system allows
    socket_admission admit;                       // empty: everybody
    std::function<void(answered_request const&)> on_answered;
    std::vector<connection_host*> hosts;
    std::atomic<std::size_t> open{0};
    std::atomic<std::uint64_t> accepted{0};
    std::atomic<std::uint64_t> refused{0};  // over a limit, or no descriptor left
};

class connection_host {
public:
    connection_host(loop& home, transport_shared& shared);
    ~connection_host();
    connection_host(connection_host const&) = delete;
    connection_host& operator=(connection_host const&) = delete;

    loop& home() noexcept { return home_; }
    transport_shared& shared() noexcept { return shared_; }
    shard_metrics& counts() noexcept { return counts_; }
    outbound_pool& queues() noexcept { return queues_; }
    websocket_inflater& inflater() noexcept { return inflater_; }

    // Takes the connection over and starts it; it is counted already (see listener).
    void add(std::unique_ptr<connection> fresh);
    // The connection has ended; it is destroyed at the end of the turn. The count stays when its
    // socket lives on in another one.
    void remove(connection& gone, bool socket_lives_on) noexcept;

    std::size_t size() const noexcept { return connections_.size(); }

    // New answers say "Connection: close", and idle HTTP connections end.
    void drain();
    bool draining() const noexcept { return draining_; }
    // Ends all connections.
    void close_all();

    // The same options are kept once, whoever uses them.
    websocket_options const& intern(websocket_options const& options);

    // Head and tail compressed as one message; null when that is no gain. Subscribers that share
    // both parts share the result, as long as they come one after the other.
    payload_ref compressed(payload_ref const& head, payload_ref const& tail,
                           std::uint8_t window_bits);

    // "Sun, 06 Nov 1994 08:49:37 GMT", now.
    std::string_view http_date();

private:
    loop& home_;
    shard_metrics& counts_;  // of the loop
    transport_shared& shared_;
    std::vector<std::unique_ptr<connection>> connections_;
    bool draining_ = false;

    outbound_pool queues_;
    websocket_inflater inflater_;
    websocket_deflater deflater_;
    struct {
        payload_ref head;
        payload_ref tail;
        std::uint8_t window_bits = 0;
        payload_ref result;
    } last_compressed_;
    std::list<websocket_options> options_;
    std::time_t date_time_ = 0;
    char date_[32] = {};
};

}  // namespace broker::transport
