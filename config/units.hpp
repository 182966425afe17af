#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Durations, sizes and rates as people write them: "10 s", "1 MiB", "200/s". In code a duration is
// std::chrono and a size has a type of its own, so that neither is mistaken for the other.

namespace config {

// Without the blanks around it.
std::string_view trimmed(std::string_view text);

using duration = std::chrono::milliseconds;

class byte_size {
public:
    constexpr byte_size() = default;
    constexpr explicit byte_size(std::uint64_t bytes) : bytes_(bytes) {}
    constexpr std::uint64_t bytes() const noexcept { return bytes_; }
    friend constexpr auto operator<=>(byte_size, byte_size) = default;

private:
    std::uint64_t bytes_ = 0;
};

// So many in each such time; none: no limit.
struct frequency {
    std::uint32_t count = 0;
    duration per{std::chrono::seconds{1}};
    friend constexpr bool operator==(frequency, frequency) = default;
};

inline namespace literals {
constexpr byte_size operator""_B(unsigned long long n) {
    return byte_size{n};
}
constexpr byte_size operator""_KiB(unsigned long long n) {
    return byte_size{n * 1024};
}
constexpr byte_size operator""_MiB(unsigned long long n) {
    return byte_size{n * 1024 * 1024};
}
constexpr byte_size operator""_GiB(unsigned long long n) {
    return byte_size{n * 1024 * 1024 * 1024};
}
}  // namespace literals

// A whole or decimal number and a unit: ms, s, min, h, d. Zero needs no unit. Nothing if it is
// something else, negative, or longer than ten years.
std::optional<duration> parse_duration(std::string_view text);

// A whole or decimal number and a unit: B, KiB, MiB, GiB (of 1024) or kB, MB, GB (of 1000). Without
// a unit: bytes. Nothing if it is something else, not a whole number of bytes, or above 1 TiB.
std::optional<byte_size> parse_byte_size(std::string_view text);

// A whole number, a slash and s, min, h or d. Zero needs no time. Nothing if it is something else.
std::optional<frequency> parse_frequency(std::string_view text);

// In the largest unit that leaves a whole number.
std::string to_string(duration value);
std::string to_string(byte_size value);
std::string to_string(frequency value);

}  // namespace config
