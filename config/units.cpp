#include "config/units.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <span>

namespace config {
namespace {

struct unit {
    std::string_view name;
    std::uint64_t factor;
};

// Ascending: to_string walks them from the end.
constexpr std::array duration_units{unit{"ms", 1}, unit{"s", 1000}, unit{"min", 60'000},
                                    unit{"h", 3'600'000}, unit{"d", 86'400'000}};
constexpr std::array byte_units{unit{"B", 1}, unit{"KiB", 1024}, unit{"MiB", 1024 * 1024},
                                unit{"GiB", 1024 * 1024 * 1024}};
constexpr std::array decimal_byte_units{unit{"kB", 1000}, unit{"MB", 1'000'000},
                                        unit{"GB", 1'000'000'000}};

constexpr std::uint64_t longest_duration = 10ull * 366 * 86'400'000;
constexpr std::uint64_t largest_size = 1ull << 40;

std::optional<std::uint64_t> factor_of(std::string_view name, std::span<unit const> units) {
    for (auto const& candidate : units) {
        if (candidate.name == name) return candidate.factor;
    }
    return std::nullopt;
}

struct quantity {
    double number;
    std::string_view unit;
};

std::optional<quantity> split(std::string_view text) {
    text = trimmed(text);
    double number = 0;
    auto const* end = text.data() + text.size();
    auto [rest, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
    if (error != std::errc{} || !std::isfinite(number) || std::signbit(number)) return std::nullopt;
    return quantity{number, trimmed({rest, static_cast<std::size_t>(end - rest)})};
}

// The number of base units, if that is a whole number within the bound. "1.001 s" is whole although
// the product of its double is not quite.
std::optional<std::uint64_t> scaled(double number, std::uint64_t factor, std::uint64_t bound) {
    double const product = number * static_cast<double>(factor);
    if (product > static_cast<double>(bound)) return std::nullopt;
    double const whole = std::round(product);
    if (std::abs(product - whole) > 1e-6) return std::nullopt;
    return static_cast<std::uint64_t>(whole);
}

std::string in_largest_unit(std::uint64_t value, std::span<unit const> units) {
    for (auto candidate = units.rbegin(); candidate != units.rend(); ++candidate) {
        if (value % candidate->factor == 0 && value != 0) {
            return std::to_string(value / candidate->factor) + " " + std::string(candidate->name);
        }
    }
    return "0 " + std::string(units.front().name);
}

}  // namespace

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

std::optional<duration> parse_duration(std::string_view text) {
    auto const parts = split(text);
    if (!parts) return std::nullopt;
    if (parts->unit.empty()) {
        return parts->number == 0 ? std::optional(duration{0}) : std::nullopt;
    }
    auto const factor = factor_of(parts->unit, duration_units);
    if (!factor) return std::nullopt;
    auto const value = scaled(parts->number, *factor, longest_duration);
    if (!value) return std::nullopt;
    return duration{static_cast<duration::rep>(*value)};
}

std::optional<byte_size> parse_byte_size(std::string_view text) {
    auto const parts = split(text);
    if (!parts) return std::nullopt;
    auto factor =
        parts->unit.empty() ? std::optional<std::uint64_t>(1) : factor_of(parts->unit, byte_units);
    if (!factor) factor = factor_of(parts->unit, decimal_byte_units);
    if (!factor) return std::nullopt;
    auto const value = scaled(parts->number, *factor, largest_size);
    if (!value) return std::nullopt;
    return byte_size{*value};
}

std::optional<frequency> parse_frequency(std::string_view text) {
    text = trimmed(text);
    auto const slash = text.find('/');
    auto const digits = trimmed(text.substr(0, slash));
    frequency out;
    auto const* const end = digits.data() + digits.size();
    auto const [rest, error] = std::from_chars(digits.data(), end, out.count);
    if (error != std::errc{} || rest != end) return std::nullopt;
    if (slash == std::string_view::npos) {
        return out.count == 0 ? std::optional(out) : std::nullopt;
    }
    auto const factor = factor_of(trimmed(text.substr(slash + 1)), duration_units);
    if (!factor || *factor < 1000) return std::nullopt;
    if (out.count != 0) out.per = duration{static_cast<duration::rep>(*factor)};
    return out;
}

std::string to_string(frequency value) {
    if (value.count == 0) return "0";
    auto unit = in_largest_unit(static_cast<std::uint64_t>(value.per.count()), duration_units);
    return std::to_string(value.count) + "/" + unit.substr(unit.find(' ') + 1);
}

std::string to_string(duration value) {
    return in_largest_unit(static_cast<std::uint64_t>(value.count()), duration_units);
}

std::string to_string(byte_size value) {
    return in_largest_unit(value.bytes(), byte_units);
}

}  // namespace config
