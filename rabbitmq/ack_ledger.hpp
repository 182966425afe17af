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
        std::size_t prefix = 0;
        bool new_in_prefix = false;
        while (prefix != entries_.size() && entries_[prefix] != entry::open) {
            new_in_prefix |= entries_[prefix] == entry::done;
            ++prefix;
        }
        if (new_in_prefix) acknowledge(first_ + prefix - 1, true);
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
