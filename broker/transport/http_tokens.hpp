#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The small grammar of HTTP header values: tokens, lists and parameters (RFC 9110 §5.6).

namespace broker::transport {

bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept;

// A letter, digit or one of the marks a token may have.
bool is_token_character(char character) noexcept;

// Whether a comma-separated list has this member, compared without case.
bool list_contains(std::string_view list, std::string_view member) noexcept;

// "name; parameter; parameter=value", names in lower case.
struct http_parameter_list {
    std::string name;
    std::vector<std::pair<std::string, std::optional<std::string>>> parameters;
};

// A comma-separated list of those; values may be quoted. Nothing when it is malformed.
std::optional<std::vector<http_parameter_list>> parse_parameter_lists(std::string_view text);

}  // namespace broker::transport
