#pragma once

#include "broker/transport/http.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// The text of an HTTP answer's head. Pure.

namespace broker::transport {

enum class http_connection_header : unsigned char { keep_alive, close, none };

struct http_head_options {
    unsigned version = 11;                      // of the request
    std::optional<std::size_t> content_length;  // none: a stream, or a status without a body
    bool chunked = false;
    http_connection_header connection = http_connection_header::none;
    std::string_view date;
};

std::string_view http_reason(unsigned status) noexcept;

// 1xx, 204 and 304 have none, whatever the handler gave.
bool http_status_has_body(unsigned status) noexcept;

std::string http_head(unsigned status, std::vector<http_header> const& headers,
                      http_head_options const& options);

// A piece as one chunk: the size line in front; behind the piece must come CR LF.
std::string http_chunk_front(std::size_t size);

}  // namespace broker::transport
