#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

// When the messages that wait for a RECEIPT were due. Receipts may come in any order; numbers are
// added in ascending order without a gap.

namespace bench {

class receipt_book {
public:
    using time_point = std::chrono::steady_clock::time_point;

    void add(std::uint64_t number, time_point due) {
        if (due_.empty()) first_ = number;
        due_.push_back({due, false});
        ++open_;
    }

    // When it was due; nothing when it is not waited for.
    std::optional<time_point> on(std::uint64_t number) {
        if (number < first_ || number - first_ >= due_.size()) return std::nullopt;
        auto& entry = due_[static_cast<std::size_t>(number - first_)];
        if (entry.answered) return std::nullopt;
        entry.answered = true;
        --open_;
        auto const out = entry.due;
        for (; !due_.empty() && due_.front().answered; ++first_) due_.pop_front();
        return out;
    }

    std::size_t open() const noexcept { return open_; }

private:
    struct message {
        time_point due;
        bool answered;
    };
    std::deque<message> due_;
    std::uint64_t first_ = 0;
    std::size_t open_ = 0;
};

}  // namespace bench
