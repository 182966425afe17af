#include "bench/measure/stamp.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace bench {
namespace {

constexpr char mark = '~';
constexpr std::size_t run_digits = 8;
constexpr std::size_t publisher_digits = 8;
constexpr std::size_t number_digits = 16;
constexpr std::size_t due_digits = 16;
static_assert(2 + run_digits + publisher_digits + number_digits + due_digits == stamp_size);

constexpr std::string_view digits = "0123456789abcdef";

constexpr std::array<std::int8_t, 256> digit_values = [] {
    std::array<std::int8_t, 256> out{};
    out.fill(-1);
    for (std::size_t i = 0; i < digits.size(); ++i) {
        out[static_cast<unsigned char>(digits[i])] = static_cast<std::int8_t>(i);
    }
    return out;
}();

char* write_hex(std::uint64_t value, std::size_t count, char* out) noexcept {
    for (std::size_t i = count; i-- > 0; value >>= 4) out[i] = digits[value & 0xfU];
    return out + count;
}

// False when a character is no digit.
bool read_hex(char const*& at, std::size_t count, std::uint64_t& out) noexcept {
    std::int8_t bad = 0;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        std::int8_t const digit = digit_values[static_cast<unsigned char>(*at++)];
        bad = static_cast<std::int8_t>(bad | digit);
        value = value << 4 | static_cast<std::uint64_t>(digit & 0xf);
    }
    out = value;
    return bad >= 0;
}

}  // namespace

void write_stamp(stamp const& value, char* out) noexcept {
    *out++ = mark;
    out = write_hex(value.run, run_digits, out);
    out = write_hex(value.publisher, publisher_digits, out);
    out = write_hex(value.number, number_digits, out);
    auto const due = std::chrono::nanoseconds(value.due.time_since_epoch()).count();
    out = write_hex(static_cast<std::uint64_t>(due), due_digits, out);
    *out = mark;
}

std::optional<stamp> find_stamp(std::string_view body) noexcept {
    while (body.size() >= stamp_size) {
        auto const* const found =
            static_cast<char const*>(std::memchr(body.data(), mark, body.size() - stamp_size + 1));
        if (found == nullptr) return std::nullopt;
        char const* at = found + 1;
        std::uint64_t run = 0;
        std::uint64_t publisher = 0;
        std::uint64_t number = 0;
        std::uint64_t due = 0;
        if (found[stamp_size - 1] == mark && read_hex(at, run_digits, run) &&
            read_hex(at, publisher_digits, publisher) && read_hex(at, number_digits, number) &&
            read_hex(at, due_digits, due)) {
            auto const since = std::chrono::nanoseconds(static_cast<std::int64_t>(due));
            return stamp{static_cast<std::uint32_t>(run), static_cast<std::uint32_t>(publisher),
                         number, std::chrono::steady_clock::time_point(since)};
        }
        body.remove_prefix(static_cast<std::size_t>(found - body.data()) + 1);
    }
    return std::nullopt;
}

stamped_text::stamped_text(std::string_view before, std::size_t bytes, std::string_view after)
    : text_(before), at_(before.size()) {
    text_.append(std::max(bytes, stamp_size), 'x');
    text_.append(after);
}

}  // namespace bench
