#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// How numbers are written for people, the same in every report.

namespace bench {

// Three significant digits, thousands apart: 0.126, 3.05, 48.2, 1,234, 382,100.
std::string number_text(double value);
std::string count_text(std::uint64_t value);

// A figure with its unit: "0.126 ms", "382,100/s", "1.05 KiB", "17". Durations and sizes take the
// unit that suits them: "126 us" becomes "126 µs", 2,100 ms "2.1 s", 3,000 KiB "2.93 MiB".
std::string value_text(double value, std::string_view unit);

// "0:07", "12:30", "1:02:03".
std::string clock_text(double seconds);

// What somebody else wrote, for a terminal: control characters, which it would obey, as "\\x1b".
std::string harmless(std::string_view text);

// The columns of a terminal that UTF-8 text takes: 2 for East Asian wide characters and emoji.
std::size_t columns_of(std::string_view text) noexcept;
// Cut to at most `columns`, the last of them an ellipsis when something was cut.
std::string fitted(std::string_view text, std::size_t columns);
// Fitted and filled up with spaces.
std::string padded(std::string_view text, std::size_t columns);
std::string right_aligned(std::string_view text, std::size_t columns);

}  // namespace bench
