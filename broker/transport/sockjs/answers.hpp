#pragma once

#include "broker/transport/http.hpp"
#include "broker/transport/sockjs/service_options.hpp"

#include <chrono>
#include <string>
#include <string_view>

// The headers that SockJS answers share, and the answers that several endpoints give.

namespace broker::transport::sockjs {

inline constexpr std::string_view javascript_type = "application/javascript; charset=UTF-8";
inline constexpr std::string_view plain_type = "text/plain; charset=UTF-8";
inline constexpr std::string_view html_type = "text/html; charset=UTF-8";

inline constexpr std::chrono::seconds one_year{365 * 24 * 3600};

// Compares without case; `lower` is in lower case.
bool is_header_name(std::string_view name, std::string_view lower) noexcept;

// An answer without body or headers yet.
http_response empty_response(unsigned status);

void add_header(http_response& response, std::string_view name, std::string_view value);

void add_content_type(http_response& response, std::string_view type);

// Echoes the Origin and whatever headers the browser wants to be allowed.
void add_cors(http_response& response, http_request const& request, dialect const& protocol);

void add_no_cache(http_response& response, dialect const& protocol);

// Asks reverse proxies to pass each piece on as it comes.
void add_unbuffered(http_response& response);

// Keeps it for a year: pages that name their version, and answers to preflights.
void add_long_cache(http_response& response);

// JSESSIONID, as sticky balancers want to see it: the client's own, or "dummy".
void add_session_cookie(http_response& response, http_request const& request);

http_response method_not_allowed(std::string_view allowed_methods);

http_response not_found();

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string http_date(std::chrono::system_clock::time_point time);

}  // namespace broker::transport::sockjs
