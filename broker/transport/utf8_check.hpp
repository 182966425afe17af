#pragma once

#include <cstdint>
#include <span>

// Whether bytes that come piece by piece are UTF-8 (RFC 3629: no overlong forms, no surrogates,
// nothing above U+10FFFF). Says so at the first byte that cannot be right, wherever the pieces are
// cut.

namespace broker::transport {

class utf8_check {
public:
    // False as soon as the bytes so far cannot be the beginning of UTF-8; then stays false.
    bool feed(std::span<char const> bytes) noexcept;

    // The bytes so far end at the end of a character.
    bool complete() const noexcept { return more_ == 0; }

    void reset() noexcept { *this = utf8_check(); }

private:
    bool take(std::uint8_t byte) noexcept;
    bool fail() noexcept;

    std::uint8_t more_ = 0;  // continuation bytes that are still to come
    std::uint8_t low_ = 0x80;
    std::uint8_t high_ = 0xBF;  // what the next of them may be
};

}  // namespace broker::transport
