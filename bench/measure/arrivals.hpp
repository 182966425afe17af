#pragma once

#include <cstdint>
#include <vector>

// What one subscriber saw of one numbered stream: a publisher's messages 1, 2, 3 ..., or a room's
// seq. Tells exactly how many arrived late, twice or not at all. 48 bytes while all is in order.

namespace bench {

enum class arrival : std::uint8_t {
    in_order,
    ahead,      // numbers before it are missing so far
    late,       // was missing: its successors came first
    duplicate,  // had arrived before
};

class arrivals {
public:
    // A stream whose numbers after `last` are expected: what came before the subscription is not
    // lost.
    explicit arrivals(std::uint64_t last) noexcept : highest_(last) {}
    arrivals() = default;

    arrival on(std::uint64_t number);

    // Who reads goes away: what has not come by now may be missing, until it is back.
    void leave() noexcept {
        excused_to_ = forever;
        back_at_next_ = false;
    }
    // It is back: what is numbered above `last` is owed again.
    void back(std::uint64_t last) noexcept { excused_to_ = last; }
    // As back(), from the next number on that comes, whatever it is.
    void back_at_next() noexcept { back_at_next_ = excused_to_ == forever; }

    // How many up to `last`, the last one that was sent, did not arrive and are owed.
    std::uint64_t lost(std::uint64_t last) const noexcept { return missing(last, true); }
    // How many of them are not owed: they were sent while who reads was away.
    std::uint64_t excused(std::uint64_t last) const noexcept { return missing(last, false); }
    std::uint64_t highest() const noexcept { return highest_; }

private:
    struct range {
        std::uint64_t from;
        std::uint64_t to;  // inclusive
        bool owed;
    };
    static constexpr std::uint64_t forever = UINT64_MAX;
    void add_gap(std::uint64_t from, std::uint64_t to);
    std::uint64_t missing(std::uint64_t last, bool owed) const noexcept;

    std::uint64_t highest_ = 0;
    std::uint64_t excused_to_ = 0;  // numbers above the highest, up to this one, are not owed
    bool back_at_next_ = false;
    std::vector<range> missing_;  // ascending
};

// The sum over streams.
struct arrival_counts {
    std::uint64_t expected = 0;
    std::uint64_t arrived = 0;
    std::uint64_t lost = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t out_of_order = 0;

    void add(arrival_counts const& other) noexcept {
        expected += other.expected;
        arrived += other.arrived;
        lost += other.lost;
        duplicates += other.duplicates;
        out_of_order += other.out_of_order;
    }
    // One more message of a stream: counts its kind.
    void count(arrival kind) noexcept {
        if (kind == arrival::duplicate) {
            ++duplicates;
            return;
        }
        ++arrived;
        if (kind == arrival::late) ++out_of_order;
    }
};

}  // namespace bench
