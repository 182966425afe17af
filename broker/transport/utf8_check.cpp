#include "broker/transport/utf8_check.hpp"

#include <cstddef>
#include <cstring>

namespace broker::transport {
namespace {

constexpr std::uint64_t high_bits = 0x8080808080808080;

// The number of bytes at the front that are surely ASCII, in steps of 16.
std::size_t ascii_prefix(std::span<char const> bytes) noexcept {
    std::size_t i = 0;
    for (; i + 16 <= bytes.size(); i += 16) {
        std::uint64_t words[2];
        std::memcpy(words, bytes.data() + i, 16);
        if (((words[0] | words[1]) & high_bits) != 0) break;
    }
    return i;
}

}  // namespace

bool utf8_check::feed(std::span<char const> bytes) noexcept {
    std::size_t i = 0;
    while (i < bytes.size()) {
        auto const byte = static_cast<std::uint8_t>(bytes[i]);
        if (more_ > 0) {
            if (byte < low_ || byte > high_) {
                // Nothing satisfies this range: every further call fails too.
                low_ = 0xFF;
                high_ = 0;
                return false;
            }
            low_ = 0x80;
            high_ = 0xBF;
            --more_;
            ++i;
            continue;
        }
        if (byte < 0x80) {
            auto const skipped = ascii_prefix(bytes.subspan(i));
            i += skipped > 0 ? skipped : 1;
            continue;
        }
        // The second byte's range excludes overlong forms, surrogates and what is too high.
        if (byte >= 0xC2 && byte <= 0xDF) {
            more_ = 1;
        } else if (byte >= 0xE0 && byte <= 0xEF) {
            more_ = 2;
            if (byte == 0xE0) low_ = 0xA0;
            if (byte == 0xED) high_ = 0x9F;
        } else if (byte >= 0xF0 && byte <= 0xF4) {
            more_ = 3;
            if (byte == 0xF0) low_ = 0x90;
            if (byte == 0xF4) high_ = 0x8F;
        } else {
            more_ = 1;
            low_ = 0xFF;
            high_ = 0;
            return false;
        }
        ++i;
    }
    return true;
}

}  // namespace broker::transport
