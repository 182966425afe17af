#include "broker/transport/http.hpp"

#include "broker/hex_digit.hpp"
#include "broker/transport/http_tokens.hpp"
#include "broker/trimmed.hpp"

#include <algorithm>
#include <random>

namespace broker::transport {

std::string percent_decoded(std::string_view text, bool plus_is_space) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            int const high = hex_value(text[i + 1]);
            int const low = hex_value(text[i + 2]);
            if (high >= 0 && low >= 0) {
                decoded += static_cast<char>(high * 16 + low);
                i += 2;
                continue;
            }
        }
        decoded += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
    return decoded;
}

std::optional<std::string_view> http_request::header(std::string_view name) const {
    for (auto const& candidate : headers) {
        if (equal_ignoring_case(candidate.name, name)) return candidate.value;
    }
    return std::nullopt;
}

std::optional<std::string> http_request::query_parameter(std::string_view name) const {
    std::string_view left = query;
    while (!left.empty()) {
        auto const pair = left.substr(0, left.find('&'));
        left.remove_prefix(std::min(left.size(), pair.size() + 1));
        auto const equals = pair.find('=');
        if (percent_decoded(pair.substr(0, equals), true) != name) continue;
        if (equals == std::string_view::npos) return std::string();
        return percent_decoded(pair.substr(equals + 1), true);
    }
    return std::nullopt;
}

std::optional<std::string_view> http_request::cookie(std::string_view name) const {
    for (auto const& candidate : headers) {
        if (!equal_ignoring_case(candidate.name, "cookie")) continue;
        std::string_view left = candidate.value;
        while (!left.empty()) {
            auto const pair = left.substr(0, left.find(';'));
            left.remove_prefix(std::min(left.size(), pair.size() + 1));
            auto const equals = pair.find('=');
            if (equals == std::string_view::npos) continue;
            if (trimmed(pair.substr(0, equals)) != name) continue;
            auto value = trimmed(pair.substr(equals + 1));
            if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
                value = value.substr(1, value.size() - 2);
            }
            return value;
        }
    }
    return std::nullopt;
}

std::string request_id_for(http_request const& request) {
    constexpr std::size_t longest = 200;
    auto const given = request.header("X-Request-Id").value_or("");
    bool const sane = !given.empty() && given.size() <= longest &&
                      std::ranges::all_of(given, [](char c) { return c > ' ' && c < '\x7f'; });
    if (sane) return std::string(given);
    // Short enough for no allocation; told apart, not guessed, is what it is for.
    thread_local std::mt19937_64 random{std::random_device{}()};
    constexpr std::string_view digits = "0123456789abcdefghjkmnpqrstvwxyz";
    std::string made(13, '0');
    auto value = random();
    for (auto& digit : made) {
        digit = digits[value & 31U];
        value >>= 5U;
    }
    return made;
}

trace_ptr trace_of(http_request const& request) {
    std::string_view parent;
    std::string state;
    for (auto const& each : request.headers) {
        if (equal_ignoring_case(each.name, traceparent_name)) {
            if (!parent.empty()) return nullptr;
            parent = each.value;
        } else if (equal_ignoring_case(each.name, tracestate_name)) {
            if (!state.empty()) state += ',';
            state += each.value;
        }
    }
    return parent.empty() ? nullptr : make_trace(parent, state);
}

void http_routes::add(std::string pattern, http_handler handler, http_route_group group) {
    if (pattern.ends_with("/*")) {
        pattern.resize(pattern.size() - 2);
        prefixes_.emplace_back(std::move(pattern), route{std::move(handler), group});
        std::stable_sort(prefixes_.begin(), prefixes_.end(), [](auto const& a, auto const& b) {
            return a.first.size() > b.first.size();
        });
        return;
    }
    exact_.emplace_back(std::move(pattern), route{std::move(handler), group});
}

http_routes::route const& http_routes::find(std::string_view path) const {
    for (auto const& [pattern, found] : exact_) {
        if (pattern == path) return found;
    }
    for (auto const& [prefix, found] : prefixes_) {
        if (path.starts_with(prefix) &&
            (path.size() == prefix.size() || path[prefix.size()] == '/')) {
            return found;
        }
    }
    return not_found_;
}

void http_routes::answer_not_found(http_exchange_ptr const& exchange) {
    exchange->respond(text_response(404, "not found\n"));
}

http_response text_response(unsigned status, std::string body, std::string content_type) {
    http_response response;
    response.status = status;
    response.headers.push_back({"Content-Type", std::move(content_type)});
    response.body = std::move(body);
    return response;
}

}  // namespace broker::transport
