#pragma once

#include <cstdint>
#include <vector>

// What one subscriber saw of one numbered stream: a publisher's messages 1, 2, 3 ..., or a room's
// seq. Tells exactly how many arrived late, twice or not at all. 32 bytes while all is in order.

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

    // How many up to `last`, the last one that was sent, did not arrive.
    std::uint64_t lost(std::uint64_t last) const noexcept;
    std::uint64_t highest() const noexcept { return highest_; }

private:
    struct range {
        std::uint64_t from;
        std::uint64_t to;  // inclusive
    };
    std::uint64_t highest_ = 0;
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
