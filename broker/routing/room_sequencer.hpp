#pragma once

#include "broker/message.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

// Puts the messages of one sequenced topic into the order of their seq: each once, none left out.
//
// The bus may bring them twice, late, out of order or not at all; the store has them all. What is
// next is given out, what is old is dropped, what is ahead is held until the ones before it come,
// from the bus or from the store. Pure; one per topic and shard.

namespace broker::routing {

class room_sequencer {
public:
    // Before start() everything is held: where the topic stands is not known yet.
    bool started() const noexcept { return last_.has_value(); }
    std::uint64_t last() const noexcept { return last_.value_or(0); }

    // Delivery goes on behind `last`. Appends what is held and next to `out`.
    void start(std::uint64_t last, std::vector<message_ptr>& out);

    // One message, from the bus or from the store. Appends it and what it sets free to `out`.
    void take(message_ptr what, std::vector<message_ptr>& out);

    // The store has messages up to `last`, though none of them may have been seen.
    void expect(std::uint64_t last) noexcept {
        if (last > highest_seen_) highest_seen_ = last;
    }

    // A later message was seen than could be delivered: some before it are missing. They are to be
    // read from the store, after last().
    bool gap() const noexcept { return started() && highest_seen_ > *last_; }

    // What is held at the most; beyond it the highest are let go, since the store has them.
    static constexpr std::size_t max_held = 1024;

private:
    void release(std::vector<message_ptr>& out);

    std::optional<std::uint64_t> last_;
    std::uint64_t highest_seen_ = 0;
    std::map<std::uint64_t, message_ptr> ahead_;
};

}  // namespace broker::routing
