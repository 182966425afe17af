#include "broker/trace_context.hpp"

#include "broker/trimmed.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace broker {
namespace {

constexpr std::size_t traceparent_size = 55;
constexpr std::size_t longest_state = 512;
constexpr std::size_t most_members = 32;
constexpr std::size_t longest_part = 256;

constexpr bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

bool is_hex(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return is_hex(c); });
}

bool is_zero(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c == '0'; });
}

constexpr bool begins_key(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_key(std::string_view text) {
    constexpr std::string_view others = "_-*/@";
    return !text.empty() && text.size() <= longest_part && begins_key(text.front()) &&
           std::ranges::all_of(text, [others](char c) {
               return begins_key(c) || others.find(c) != std::string_view::npos;
           });
}

bool is_value(std::string_view text) {
    return !text.empty() && text.size() <= longest_part && text.back() != ' ' &&
           std::ranges::all_of(text,
                               [](char c) { return c >= ' ' && c <= '~' && c != ',' && c != '='; });
}

}  // namespace

std::optional<traceparent> parse_traceparent(std::string_view text) noexcept {
    if (text.size() < traceparent_size) return std::nullopt;
    auto const version = text.substr(0, 2);
    auto const trace_id = text.substr(3, 32);
    auto const parent_id = text.substr(36, 16);
    auto const flags = text.substr(53, 2);
    if (text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
    if (!is_hex(version) || version == "ff") return std::nullopt;
    if (!is_hex(trace_id) || is_zero(trace_id)) return std::nullopt;
    if (!is_hex(parent_id) || is_zero(parent_id)) return std::nullopt;
    if (!is_hex(flags)) return std::nullopt;
    if (text.size() > traceparent_size && (version == "00" || text[traceparent_size] != '-')) {
        return std::nullopt;
    }
    // The last bit of the last digit.
    constexpr std::string_view sampled = "13579bdf";
    return traceparent{.trace_id = trace_id,
                       .parent_id = parent_id,
                       .sampled = sampled.find(flags[1]) != std::string_view::npos};
}

bool is_tracestate(std::string_view text) noexcept {
    if (text.size() > longest_state) return false;
    std::array<std::string_view, most_members> keys;
    std::size_t count = 0;
    for (;;) {
        auto const end = text.find(',');
        auto const member = trimmed(text.substr(0, end));
        // Empty ones are allowed.
        if (!member.empty()) {
            auto const equals = member.find('=');
            if (equals == std::string_view::npos || count == most_members) return false;
            auto const key = member.substr(0, equals);
            if (!is_key(key) || !is_value(member.substr(equals + 1))) return false;
            std::span<std::string_view const> const known(keys.data(), count);
            if (std::ranges::find(known, key) != known.end()) return false;
            keys[count++] = key;
        }
        if (end == std::string_view::npos) return count != 0;
        text.remove_prefix(end + 1);
    }
}

trace_ptr make_trace(std::string_view parent, std::string_view state) {
    if (!parse_traceparent(parent)) return nullptr;
    auto made = std::make_shared<trace_context>();
    // A newer version may say more than is known here, which is not passed on.
    made->parent.append("00").append(parent.substr(2, traceparent_size - 2));
    if (is_tracestate(state)) made->state = state;
    return made;
}

trace_ptr trace_of(stomp::frame const& frame) {
    auto const parent = frame.find(traceparent_name);
    if (!parent) return nullptr;
    return make_trace(*parent, frame.get(tracestate_name));
}

}  // namespace broker
