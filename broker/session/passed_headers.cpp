#include "broker/session/passed_headers.hpp"

#include "broker/trace_context.hpp"

#include <algorithm>
#include <array>

namespace broker {
namespace {

constexpr std::array kept_back{
    std::string_view("destination"), std::string_view("content-length"),
    std::string_view("receipt"),     std::string_view("transaction"),
    std::string_view("message-id"),  std::string_view("subscription"),
    std::string_view("ack"),         std::string_view("seq"),
    std::string_view("redelivered"), std::string_view("login"),
    std::string_view("passcode"),
};

// A name that differs in case is another name to STOMP, but not to whoever leaks a token.
constexpr std::string_view authorization = "authorization";

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// What String.prototype.trim() of a browser may take away, of the octets below 0x80.
constexpr bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

}  // namespace

bool passes_to_subscribers(std::string_view name) noexcept {
    while (!name.empty() && is_blank(name.front())) name.remove_prefix(1);
    while (!name.empty() && is_blank(name.back())) name.remove_suffix(1);
    if (name.size() == authorization.size() && std::ranges::equal(name, authorization, {}, lower)) {
        return false;
    }
    return std::ranges::find(kept_back, name) == kept_back.end();
}

header_filter filter_for(stomp::frame const& frame) noexcept {
    auto const parent = frame.find(traceparent_name);
    auto const state = frame.find(tracestate_name);
    if (!parent && !state) return passes_to_subscribers;
    if (!parent || !parse_traceparent(*parent)) {
        return [](std::string_view name) noexcept {
            return name != traceparent_name && name != tracestate_name &&
                   passes_to_subscribers(name);
        };
    }
    if (!state || is_tracestate(*state)) return passes_to_subscribers;
    return [](std::string_view name) noexcept {
        return name != tracestate_name && passes_to_subscribers(name);
    };
}

}  // namespace broker
