#pragma once

#include "broker/ports/metrics.hpp"
#include "broker/transport/payload.hpp"

#include <sys/uio.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

// What a connection still has to send. Pure: it holds references, counts bytes and lays them out
// for one write; the connection does the writing.
//
// An empty queue is one pointer. The list behind it comes from a pool of the shard when the first
// entry is put in, and goes back when the last one has been sent.

namespace broker::transport {

// How an entry is framed: not at all, or as one WebSocket frame.
enum class outbound_kind : std::uint8_t {
    raw,
    text,
    binary,
    compressed_text,
    compressed_binary,
    close,
    ping,
    pong,
};

struct outbound_entry {
    payload_ref head;
    payload_ref tail;
    outbound_kind kind = outbound_kind::raw;
};

// The pieces of one write.
struct outbound_batch {
    static constexpr std::size_t max_pieces = 64;
    std::array<iovec, max_pieces> pieces;
    std::size_t count = 0;
    std::size_t bytes = 0;

    std::span<iovec const> span() const noexcept { return {pieces.data(), count}; }
};

class outbound_pool;

class outbound_queue {
public:
    // Parts longer than this are sent from where they are; shorter ones are copied side by side.
    static constexpr std::size_t copy_limit = 16 * 1024;
    // What one write takes at most, not counting the end of its last entry.
    static constexpr std::size_t batch_bytes = 1024 * 1024;

    outbound_queue() noexcept = default;
    outbound_queue(outbound_queue const&) = delete;
    outbound_queue& operator=(outbound_queue const&) = delete;
    ~outbound_queue();

    bool empty() const noexcept { return list_ == nullptr; }
    // Not yet sent: heads, tails and framing.
    std::size_t bytes() const noexcept;

    void push(outbound_pool& pool, outbound_entry entry);

    // Lays out the front of the queue. `scratch` (at least 4 * copy_limit) takes the copies and
    // must stay as it is until the write is made. Repeated without consume() it begins with the
    // same bytes.
    void gather(std::span<char> scratch, outbound_batch& batch) const;

    // `sent` bytes from the front are gone. `committed` bytes after them must not change any more:
    // a TLS record that holds them has been begun.
    void consume(outbound_pool& pool, std::size_t sent, std::size_t committed = 0);

    // Drops droppable entries that have not been begun, oldest first, until at most `bound` bytes
    // are queued or none is left. Returns how many were dropped.
    std::size_t drop_down_to(outbound_pool& pool, std::size_t bound);

    void clear(outbound_pool& pool) noexcept;

private:
    friend class outbound_pool;
    struct list {
        std::vector<outbound_entry> entries;
        std::size_t first = 0;          // entries before it have been sent
        std::size_t sent_of_first = 0;  // bytes of that one
        std::size_t bytes = 0;
        std::size_t committed = 0;
    };

    std::unique_ptr<list> list_;
};

// Lists that wait for their next queue. One per shard.
class outbound_pool {
public:
    outbound_pool() = default;
    outbound_pool(outbound_pool const&) = delete;
    outbound_pool& operator=(outbound_pool const&) = delete;

    // Bytes in all the queues together; any thread.
    std::int64_t waiting_bytes() const noexcept { return waiting_.value(); }

private:
    friend class outbound_queue;
    std::unique_ptr<outbound_queue::list> take();
    void give_back(std::unique_ptr<outbound_queue::list> list) noexcept;

    std::vector<std::unique_ptr<outbound_queue::list>> free_;
    metrics::gauge waiting_;
};

}  // namespace broker::transport
