#pragma once

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <string>

// What an option takes, checked on its text before it is read: a number that is too great, negative
// or no number at all is told with the option's name, the text and what is allowed.

namespace bench {

// Both inclusive.
CLI::Validator whole_number(std::uint64_t least, std::uint64_t most);

// Per second; 0 when there is none, as the option's help says.
CLI::Validator rate_or_zero();

// A time of so many milliseconds at least.
CLI::Validator time_from(std::int64_t least_milliseconds);

// A time of whole steps, such as seconds, and `least` of them at least.
CLI::Validator whole_time(std::chrono::milliseconds least, std::chrono::milliseconds step);

// Whatever `parse` takes; it throws what is wrong.
template <class Parse>
CLI::Validator understood_by(Parse parse) {
    return {[parse](std::string const& text) {
                try {
                    static_cast<void>(parse(text));
                } catch (std::exception const& error) {
                    return std::string(error.what());
                }
                return std::string();
            },
            ""};
}

}  // namespace bench
