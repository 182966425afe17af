#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

// Publishes on one channel that RabbitMQ has not answered yet, by their number: 1, 2, 3 …
// An answer may be for one or for all up to a number, and answers may come out of order.

namespace rabbitmq {

template <typename Entry>
class confirm_ledger {
public:
    void add(Entry entry) {
        entries_.emplace_back(std::move(entry));
        ++open_;
    }

    // Calls `settle(Entry)` for what the answer is about; what is not open is passed over.
    template <typename Settle>
    void settle(std::uint64_t tag, bool multiple, Settle settle) {
        if (tag < first_ || tag - first_ >= entries_.size()) return;
        auto const last = static_cast<std::size_t>(tag - first_);
        for (auto i = multiple ? std::size_t{0} : last; i <= last; ++i) {
            if (!entries_[i]) continue;
            --open_;
            settle(std::move(*entries_[i]));
            entries_[i].reset();
        }
        while (!entries_.empty() && !entries_.front()) {
            entries_.pop_front();
            ++first_;
        }
    }

    // The channel is gone: everything is settled, and the numbers begin anew.
    template <typename Settle>
    void take_all(Settle settle) {
        auto left = std::exchange(entries_, {});
        first_ = 1;
        open_ = 0;
        for (auto& entry : left) {
            if (entry) settle(std::move(*entry));
        }
    }

    std::size_t size() const noexcept { return open_; }

private:
    std::deque<std::optional<Entry>> entries_;
    std::uint64_t first_ = 1;
    std::size_t open_ = 0;
};

}  // namespace rabbitmq
