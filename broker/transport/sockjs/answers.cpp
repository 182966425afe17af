#include "broker/transport/sockjs/answers.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <optional>

namespace broker::transport::sockjs {

bool is_header_name(std::string_view name, std::string_view lower) noexcept {
    return std::ranges::equal(name, lower, [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
    });
}

http_response empty_response(unsigned status) {
    http_response response;
    response.status = status;
    return response;
}

void add_header(http_response& response, std::string_view name, std::string_view value) {
    response.headers.push_back({std::string(name), std::string(value)});
}

void add_content_type(http_response& response, std::string_view type) {
    add_header(response, "Content-Type", type);
}

void add_cors(http_response& response, http_request const& request, dialect const& protocol) {
    auto const origin = request.header("origin");
    // "null" (a page from a file, or a sandboxed frame) is echoed like any other origin: browsers
    // refuse "*" for requests with credentials, which the client's all are. An OPTIONS that asks
    // for no method is no preflight; it gets what 0.3.3 says.
    bool const is_preflight = request.header("access-control-request-method").has_value();
    bool const ask_in_vain = request.method == "OPTIONS" && !is_preflight;
    bool const echo = origin && !(*origin == "null" && ask_in_vain);
    add_header(response, "Access-Control-Allow-Origin", echo ? *origin : "*");
    if (origin || protocol.credentials_without_origin) {
        add_header(response, "Access-Control-Allow-Credentials", "true");
    }
    add_header(response, "Vary", "Origin");
    auto const wanted = request.header("access-control-request-headers");
    if (wanted && !wanted->empty()) {
        add_header(response, "Access-Control-Allow-Headers", *wanted);
    }
}

void add_no_cache(http_response& response, dialect const& protocol) {
    add_header(response, "Cache-Control", protocol.no_cache);
}

void add_unbuffered(http_response& response) {
    add_header(response, "X-Accel-Buffering", "no");
}

void add_long_cache(http_response& response) {
    add_header(response, "Cache-Control", "public, max-age=" + std::to_string(one_year.count()));
    add_header(response, "Expires", http_date(std::chrono::system_clock::now() + one_year));
}

void add_session_cookie(http_response& response, http_request const& request) {
    auto const own = request.cookie("JSESSIONID");
    auto const value = own && !own->empty() ? *own : std::string_view("dummy");
    add_header(response, "Set-Cookie", "JSESSIONID=" + std::string(value) + "; path=/");
}

http_response method_not_allowed(std::string_view allowed_methods) {
    auto response = empty_response(405);
    add_header(response, "Allow", allowed_methods);
    return response;
}

http_response not_found() {
    return text_response(404, "Not found\n");
}

std::string http_date(std::chrono::system_clock::time_point time) {
    // Not strftime: its names follow the locale.
    static constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    auto const seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%s, %02d %s %d %02d:%02d:%02d GMT",
                  days[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                  months[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900,
                  parts.tm_hour, parts.tm_min, parts.tm_sec);
    return text.data();
}

}  // namespace broker::transport::sockjs
