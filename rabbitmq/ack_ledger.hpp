#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

// Deliveries of one channel that RabbitMQ has not been told of yet, by their number: 1, 2, 3 …
// Those that are done, one after the other, are told in one ack; one that waits for its repetition
// does not hold up the acks of those behind it.

namespace rabbitmq {

class ack_ledger {
public:
    // The next delivery came; its tag is one more than that of the last.
    void add() { entries_.push_back(entry::open); }

    void done(std::uint64_t tag) {
        if (tag < first_ || tag - first_ >= entries_.size()) return;
        auto& at = entries_[static_cast<std::size_t>(tag - first_)];
        if (at != entry::open) return;
        at = entry::done;
        ++untold_;
    }

    std::size_t untold() const noexcept { return untold_; }

    // Calls `acknowledge(tag, multiple)` until everything done is told.
    template <typename Acknowledge>
    void flush(Acknowledge acknowledge) {
        if (untold_ == 0) return;
        // RabbitMQ takes it for an error to be told of the same delivery twice, so the ack of all
        // up to one names one that it has not heard of.
        std::size_t prefix = 0;
        std::size_t last_done = 0;
        for (; prefix != entries_.size() && entries_[prefix] != entry::open; ++prefix) {
            if (entries_[prefix] == entry::done) last_done = prefix + 1;
        }
        if (last_done != 0) acknowledge(first_ + last_done - 1, true);
        for (auto i = prefix; i < entries_.size(); ++i) {
            if (entries_[i] != entry::done) continue;
            acknowledge(first_ + i, false);
            entries_[i] = entry::told;
        }
        entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(prefix));
        first_ += prefix;
        untold_ = 0;
    }

    void reset() { *this = {}; }

private:
    enum class entry : std::uint8_t { open, done, told };

    std::deque<entry> entries_;
    std::uint64_t first_ = 1;
    std::size_t untold_ = 0;
};

}  // namespace rabbitmq
