#include "broker/transport/utf8_check.hpp"

#include <simdjson.h>
#include <cstddef>

namespace broker::transport {
namespace {

constexpr std::size_t longest_character = 4;

// Where the last character begins, whole or not; the end if the last octets cannot be of one.
std::size_t last_character(std::span<char const> bytes) noexcept {
    for (auto at = bytes.size(); at > 0 && bytes.size() - at < longest_character;) {
        --at;
        bool const continues = (static_cast<std::uint8_t>(bytes[at]) & 0xC0U) == 0x80U;
        if (!continues) return at;
    }
    return bytes.size();
}

}  // namespace

bool utf8_check::feed(std::span<char const> bytes) noexcept {
    // What a cut may go through octet by octet, and what lies between at once.
    while (more_ > 0 && !bytes.empty()) {
        if (!take(static_cast<std::uint8_t>(bytes.front()))) return false;
        bytes = bytes.subspan(1);
    }
    auto const last = last_character(bytes);
    if (!simdjson::validate_utf8(bytes.data(), last)) return fail();
    for (char const byte : bytes.subspan(last)) {
        if (!take(static_cast<std::uint8_t>(byte))) return false;
    }
    return true;
}

bool utf8_check::take(std::uint8_t byte) noexcept {
    if (more_ > 0) {
        if (byte < low_ || byte > high_) return fail();
        low_ = 0x80;
        high_ = 0xBF;
        --more_;
        return true;
    }
    if (byte < 0x80) return true;
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
        return fail();
    }
    return true;
}

// Nothing satisfies this range: every further call fails too.
bool utf8_check::fail() noexcept {
    more_ = 1;
    low_ = 0xFF;
    high_ = 0;
    return false;
}

}  // namespace broker::transport
