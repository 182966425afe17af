#include "bench/plan/limits.hpp"

#include "bench/plan/values.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <string_view>
#include <system_error>

namespace bench {
namespace {

template <typename Number>
bool reads(std::string_view text, Number& out) {
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size();
}

// In the help a limit that nobody reaches is only in the way.
constexpr std::uint64_t most_told = 1'000'000'000;

}  // namespace

CLI::Validator whole_number(std::uint64_t least, std::uint64_t most) {
    return {
        [least, most](std::string const& text) {
            std::uint64_t value = 0;
            if (reads(text, value) && value >= least && value <= most) return std::string();
            return fmt::format("\"{}\": expected a whole number from {} to {}", text, least, most);
        },
        most > most_told ? fmt::format("from {}", least) : fmt::format("{} to {}", least, most)};
}

CLI::Validator rate_or_zero() {
    return {[](std::string const& text) {
                double value = -1;
                bool const taken =
                    reads(text, value) &&
                    (value == 0 || (value >= least_per_second && value <= most_per_second));
                if (taken) return std::string();
                return fmt::format("\"{}\": expected a number from {} to {:.0f}, or 0", text,
                                   least_per_second, most_per_second);
            },
            ""};
}

CLI::Validator whole_time(std::chrono::milliseconds least, std::chrono::milliseconds step) {
    return understood_by([least, step](std::string const& text) {
        auto const value = parse_seconds(text);
        double const steps = value / step;
        // Decimal fractions of a second are no binary ones.
        bool const whole = std::abs(steps - std::round(steps)) < 1e-6;
        if (!whole || value < least) {
            throw std::invalid_argument(
                fmt::format("\"{}\": expected a multiple of {} ms, {} ms at least", text,
                            step.count(), least.count()));
        }
        return 0;
    });
}

CLI::Validator time_from(std::int64_t least_milliseconds) {
    return understood_by([least_milliseconds](std::string const& text) {
        if (parse_seconds(text) < std::chrono::milliseconds(least_milliseconds)) {
            throw std::invalid_argument(
                fmt::format("\"{}\": expected {} ms at least", text, least_milliseconds));
        }
        return 0;
    });
}

}  // namespace bench
