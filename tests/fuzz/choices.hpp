#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

// What fuzz targets make of their input: choices from its front, and the rest as text.

namespace fuzz {

inline void expect(bool held, char const* what) {
    if (held) return;
    std::fprintf(stderr, "%s\n", what);
    std::abort();
}

class choices {
public:
    choices(std::uint8_t const* data, std::size_t size)
        : left_(reinterpret_cast<char const*>(data), size) {}
    explicit choices(std::string_view left) : left_(left) {}

    bool empty() const { return left_.empty(); }

    // 0 when nothing is left.
    unsigned char next() {
        if (left_.empty()) return 0;
        auto const value = static_cast<unsigned char>(left_.front());
        left_.remove_prefix(1);
        return value;
    }

    std::string_view take(std::size_t size) {
        auto const taken = left_.substr(0, size);
        left_.remove_prefix(taken.size());
        return taken;
    }

    // Up to `end`, which is taken too.
    std::string_view take_until(char end) {
        auto const taken = left_.substr(0, left_.find(end));
        left_.remove_prefix(std::min(left_.size(), taken.size() + 1));
        return taken;
    }

    std::string_view rest() const { return left_; }

private:
    std::string_view left_;
};

// The sizes of the pieces in which a stream comes. A generator of its own, so that a finding can be
// repeated with any standard library.
class piece_sizes {
public:
    explicit piece_sizes(std::size_t seed) : state_(seed * 2654435761U + 1) {}

    std::size_t next() {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        auto const value = state_ >> 33U;
        return value % 4 == 0 ? 1 + value / 4 % 300 : 1 + value / 4 % 4;
    }

private:
    std::uint64_t state_;
};

}  // namespace fuzz
