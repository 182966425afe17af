#include "bench/report/format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>

namespace bench {
namespace {

struct step_of_unit {
    std::string_view unit;
    std::string_view shown;
    double size;
};

constexpr step_of_unit durations[] = {
    {"ns", " ns", 1e-9}, {"us", " µs", 1e-6}, {"ms", " ms", 1e-3}, {"s", " s", 1}};
constexpr step_of_unit sizes[] = {{"B", " B", 1},
                                  {"KiB", " KiB", 1024},
                                  {"MiB", " MiB", 1024.0 * 1024},
                                  {"GiB", " GiB", 1024.0 * 1024 * 1024}};

// `value` in the largest of the units in which it is at least 1.
std::string scaled(double value, std::string_view unit, std::span<step_of_unit const> steps) {
    auto const given = std::find_if(steps.begin(), steps.end(),
                                    [&](step_of_unit const& one) { return one.unit == unit; });
    double const whole = value * given->size;
    auto best = given;
    if (whole != 0) {
        best = steps.begin();
        for (auto one = steps.begin(); one != steps.end(); ++one) {
            if (std::abs(whole) >= one->size) best = one;
        }
    }
    return number_text(whole / best->size) + std::string{best->shown};
}

bool among(std::string_view unit, std::span<step_of_unit const> steps) {
    return std::any_of(steps.begin(), steps.end(),
                       [&](step_of_unit const& one) { return one.unit == unit; });
}

std::string with_commas(std::string digits) {
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
        digits.insert(static_cast<std::size_t>(at), 1, ',');
    }
    return digits;
}

// One code point from the front of `text`; broken UTF-8 counts byte by byte.
std::string_view take_character(std::string_view& text) noexcept {
    auto const lead = static_cast<unsigned char>(text.front());
    std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    length = std::min(length, text.size());
    std::string_view const one = text.substr(0, length);
    text.remove_prefix(length);
    return one;
}

std::size_t width_of(std::string_view character) noexcept {
    auto const byte = [&](std::size_t at) { return static_cast<unsigned char>(character[at]); };
    std::uint32_t code = byte(0);
    if (character.size() == 2) code = (code & 0x1Fu) << 6 | (byte(1) & 0x3Fu);
    if (character.size() == 3) {
        code = (code & 0x0Fu) << 12 | (byte(1) & 0x3Fu) << 6 | (byte(2) & 0x3Fu);
    }
    if (character.size() == 4) {
        code = (code & 0x07u) << 18 | (byte(1) & 0x3Fu) << 12 | (byte(2) & 0x3Fu) << 6 |
               (byte(3) & 0x3Fu);
    }
    if (code >= 0x300 && code <= 0x36F) return 0;  // combining marks
    bool const wide = (code >= 0x1100 && code <= 0x115F) || (code >= 0x2E80 && code <= 0xA4CF) ||
                      (code >= 0xAC00 && code <= 0xD7A3) || (code >= 0xF900 && code <= 0xFAFF) ||
                      (code >= 0xFE30 && code <= 0xFE6F) || (code >= 0xFF00 && code <= 0xFF60) ||
                      (code >= 0xFFE0 && code <= 0xFFE6) || (code >= 0x1F300 && code <= 0x1FAFF) ||
                      (code >= 0x20000 && code <= 0x3FFFD);
    return wide ? 2 : 1;
}

}  // namespace

std::string count_text(std::uint64_t value) {
    return with_commas(std::to_string(value));
}

std::string number_text(double value) {
    if (!std::isfinite(value)) return "-";
    double const size = std::abs(value);
    std::string const sign = value < 0 ? "-" : "";
    if (size >= 99.95) return sign + count_text(static_cast<std::uint64_t>(std::llround(size)));
    if (size == std::floor(size)) return sign + fmt::format("{:.0f}", size);
    if (size >= 9.995) return sign + fmt::format("{:.1f}", size);
    if (size >= 0.9995) return sign + fmt::format("{:.2f}", size);
    if (size >= 0.001) return sign + fmt::format("{:.3g}", size);
    return sign + fmt::format("{:.2g}", size);
}

std::string value_text(double value, std::string_view unit) {
    if (among(unit, durations)) return scaled(value, unit, durations);
    if (among(unit, sizes)) return scaled(value, unit, sizes);
    if (unit.empty()) return number_text(value);
    if (unit.front() == '/') return number_text(value) + std::string{unit};
    return number_text(value) + " " + std::string{unit};
}

std::string clock_text(double seconds) {
    auto const whole = static_cast<std::uint64_t>(std::max(0.0, seconds));
    if (whole >= 3600) {
        return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
    }
    return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string harmless(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        auto const byte = static_cast<unsigned char>(text[at]);
        auto const next = at + 1 < text.size() ? static_cast<unsigned char>(text[at + 1]) : 0u;
        if (byte < 0x20 || byte == 0x7F) {
            out += fmt::format("\\x{:02x}", byte);
        } else if (byte == 0xC2 && next >= 0x80 && next < 0xA0) {
            // In UTF-8 there are 32 more, which some terminals obey.
            out += fmt::format("\\x{:02x}", next);
            ++at;
        } else {
            out += text[at];
        }
    }
    return out;
}

std::size_t columns_of(std::string_view text) noexcept {
    std::size_t columns = 0;
    while (!text.empty()) columns += width_of(take_character(text));
    return columns;
}

std::string fitted(std::string_view text, std::size_t columns) {
    if (columns_of(text) <= columns) return std::string{text};
    if (columns == 0) return {};
    std::string out;
    std::size_t used = 0;
    while (!text.empty()) {
        std::string_view const one = take_character(text);
        if (used + width_of(one) > columns - 1) break;
        out += one;
        used += width_of(one);
    }
    return out + "…";
}

std::string padded(std::string_view text, std::size_t columns) {
    std::string out = fitted(text, columns);
    out.append(columns - std::min(columns, columns_of(out)), ' ');
    return out;
}

std::string right_aligned(std::string_view text, std::size_t columns) {
    std::string out = fitted(text, columns);
    return std::string(columns - std::min(columns, columns_of(out)), ' ') + out;
}

}  // namespace bench
