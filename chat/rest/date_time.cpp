#include "chat/rest/date_time.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>

namespace chat::rest {
namespace {

using namespace std::chrono;

// Takes one of `marks`.
bool take_any(std::string_view& text, std::string_view marks) {
    if (text.empty() || marks.find(text.front()) == marks.npos) return false;
    text.remove_prefix(1);
    return true;
}

// Takes `count` digits of a number below `end`.
std::optional<int> take_number(std::string_view& text, std::size_t count, int end) {
    int number = 0;
    if (text.size() < count || text.front() == '-') return std::nullopt;
    auto const* const last = text.data() + count;
    auto const parsed = std::from_chars(text.data(), last, number);
    if (parsed.ec != std::errc() || parsed.ptr != last || number >= end) return std::nullopt;
    text.remove_prefix(count);
    return number;
}

// Behind the point.
std::optional<milliseconds> take_fraction(std::string_view& text) {
    auto const count = std::min(text.find_first_not_of("0123456789"), text.size());
    if (count == 0) return std::nullopt;
    int number = 0;
    for (std::size_t i = 0; i != 3; ++i) number = 10 * number + (i < count ? text[i] - '0' : 0);
    text.remove_prefix(count);
    return milliseconds(number);
}

// How far the time is ahead of UTC.
std::optional<minutes> take_offset(std::string_view& text) {
    if (take_any(text, "Zz")) return minutes(0);
    bool const behind = text.starts_with('-');
    if (!take_any(text, "+-")) return std::nullopt;
    auto const hour = take_number(text, 2, 24);
    if (!hour || !take_any(text, ":")) return std::nullopt;
    auto const minute = take_number(text, 2, 60);
    if (!minute) return std::nullopt;
    auto const ahead = hours(*hour) + minutes(*minute);
    return behind ? -ahead : ahead;
}

std::optional<sys_days> take_date(std::string_view& text) {
    auto const in_year = take_number(text, 4, 10'000);
    if (!in_year || !take_any(text, "-")) return std::nullopt;
    auto const in_month = take_number(text, 2, 13);
    if (!in_month || !take_any(text, "-")) return std::nullopt;
    auto const on_day = take_number(text, 2, 32);
    if (!on_day) return std::nullopt;
    year_month_day const date{year(*in_year), month(static_cast<unsigned>(*in_month)),
                              day(static_cast<unsigned>(*on_day))};
    return date.ok() ? std::optional(sys_days(date)) : std::nullopt;
}

std::optional<milliseconds> take_time(std::string_view& text) {
    auto const hour = take_number(text, 2, 24);
    if (!hour || !take_any(text, ":")) return std::nullopt;
    auto const minute = take_number(text, 2, 60);
    if (!minute) return std::nullopt;
    milliseconds time = hours(*hour) + minutes(*minute);
    if (!take_any(text, ":")) return time;
    auto const second = take_number(text, 2, 61);  // with a leap second
    if (!second) return std::nullopt;
    time += seconds(*second);
    if (!take_any(text, ".")) return time;
    auto const fraction = take_fraction(text);
    return fraction ? std::optional(time + *fraction) : std::nullopt;
}

}  // namespace

std::optional<timestamp> parse_date_time(std::string_view text) {
    auto const date = take_date(text);
    if (!date || text.empty()) return date ? std::optional(timestamp(*date)) : std::nullopt;
    if (!take_any(text, "Tt")) return std::nullopt;
    auto const time = take_time(text);
    if (!time) return std::nullopt;
    auto const offset = take_offset(text);
    if (!offset || !text.empty()) return std::nullopt;
    return timestamp(*date) + *time - *offset;
}

}  // namespace chat::rest
