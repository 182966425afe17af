#include "stomp/version.hpp"

#include "stomp/errors.hpp"

#include <algorithm>

namespace stomp {
namespace {

constexpr version all_versions[] = {version::v1_0, version::v1_1, version::v1_2};

std::string_view trim(std::string_view text) noexcept {
    auto const first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// Calls `visit` with each trimmed item of a comma-separated list until it answers true.
template <typename Visit>
void for_each_item(std::string_view list, Visit visit) {
    for (;;) {
        auto const comma = list.find(',');
        if (visit(trim(list.substr(0, comma))) || comma == std::string_view::npos) return;
        list.remove_prefix(comma + 1);
    }
}

char to_lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
    return std::ranges::equal(a, b, {}, to_lower, to_lower);
}

}  // namespace

boost::system::result<version> negotiate(std::optional<std::string_view> accept_version) {
    if (!accept_version) return version::v1_0;

    std::optional<version> best;
    for_each_item(*accept_version, [&](std::string_view item) {
        for (auto v : all_versions) {
            if (item == to_string(v)) best = best ? std::max(*best, v) : v;
        }
        return false;
    });
    if (!best) return errc::version_not_supported;
    return *best;
}

std::optional<version> version_of_subprotocol(std::string_view name) noexcept {
    for (auto v : all_versions) {
        if (equal_ignoring_case(name, subprotocol_name(v))) return v;
    }
    return std::nullopt;
}

std::optional<version> choose_subprotocol(std::string_view offered) noexcept {
    std::optional<version> chosen;
    for_each_item(offered, [&](std::string_view item) {
        chosen = version_of_subprotocol(item);
        return chosen.has_value();
    });
    return chosen;
}

}  // namespace stomp
