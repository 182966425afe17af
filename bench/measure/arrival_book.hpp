#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

// Which messages of a publisher have not arrived everywhere. Numbers are added in ascending order
// without a gap; they may arrive in any order, at each reader once.

namespace bench {

class arrival_book {
public:
    // `readers`: that get each message. Without any nothing is ever on its way.
    explicit arrival_book(std::size_t readers = 0) : readers_(readers) {}

    void add(std::uint64_t number) {
        if (readers_ == 0) return;
        if (at_.empty()) first_ = number;
        at_.push_back(0);
        ++open_;
    }

    void on(std::uint64_t number) {
        if (number < first_ || number - first_ >= at_.size()) return;
        if (++at_[static_cast<std::size_t>(number - first_)] != readers_) return;
        --open_;
        for (; !at_.empty() && at_.front() >= readers_; ++first_) at_.pop_front();
    }

    // What is on its way will not come; should it come yet, nobody counts it.
    void give_up() {
        at_.clear();
        open_ = 0;
    }

    std::size_t open() const noexcept { return open_; }

private:
    std::size_t readers_;
    std::deque<std::uint32_t> at_;  // how many readers have it
    std::uint64_t first_ = 0;
    std::size_t open_ = 0;
};

}  // namespace bench
