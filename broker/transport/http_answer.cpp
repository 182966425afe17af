#include "broker/transport/http_answer.hpp"

#include "broker/transport/http_tokens.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace broker::transport {
namespace {

struct status_row {
    unsigned status;
    std::string_view reason;
};

constexpr std::array reasons{
    status_row{100, "Continue"},
    status_row{101, "Switching Protocols"},
    status_row{200, "OK"},
    status_row{201, "Created"},
    status_row{202, "Accepted"},
    status_row{204, "No Content"},
    status_row{206, "Partial Content"},
    status_row{301, "Moved Permanently"},
    status_row{302, "Found"},
    status_row{303, "See Other"},
    status_row{304, "Not Modified"},
    status_row{307, "Temporary Redirect"},
    status_row{308, "Permanent Redirect"},
    status_row{400, "Bad Request"},
    status_row{401, "Unauthorized"},
    status_row{403, "Forbidden"},
    status_row{404, "Not Found"},
    status_row{405, "Method Not Allowed"},
    status_row{406, "Not Acceptable"},
    status_row{408, "Request Timeout"},
    status_row{409, "Conflict"},
    status_row{410, "Gone"},
    status_row{411, "Length Required"},
    status_row{412, "Precondition Failed"},
    status_row{413, "Content Too Large"},
    status_row{414, "URI Too Long"},
    status_row{415, "Unsupported Media Type"},
    status_row{417, "Expectation Failed"},
    status_row{421, "Misdirected Request"},
    status_row{422, "Unprocessable Content"},
    status_row{423, "Locked"},
    status_row{425, "Too Early"},
    status_row{426, "Upgrade Required"},
    status_row{428, "Precondition Required"},
    status_row{429, "Too Many Requests"},
    status_row{431, "Request Header Fields Too Large"},
    status_row{500, "Internal Server Error"},
    status_row{501, "Not Implemented"},
    status_row{502, "Bad Gateway"},
    status_row{503, "Service Unavailable"},
    status_row{504, "Gateway Timeout"},
    status_row{505, "HTTP Version Not Supported"},
    status_row{507, "Insufficient Storage"},
};

void append_number(std::string& to, std::size_t number, int base = 10) {
    std::array<char, 24> digits;
    auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
    to.append(digits.data(), end);
}

// A value must not bring a header of its own along.
void append_value(std::string& to, std::string_view value) {
    auto const from = to.size();
    to += value;
    std::replace_if(
        to.begin() + static_cast<std::ptrdiff_t>(from), to.end(),
        [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
}

bool is_ours(std::string_view name) {
    return equal_ignoring_case(name, "content-length") ||
           equal_ignoring_case(name, "transfer-encoding") ||
           equal_ignoring_case(name, "connection");
}

bool is_token(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), is_token_character);
}

}  // namespace

std::string_view http_reason(unsigned status) noexcept {
    auto const row =
        std::find_if(reasons.begin(), reasons.end(),
                     [status](status_row const& candidate) { return candidate.status == status; });
    return row != reasons.end() ? row->reason : std::string_view("Status");
}

bool http_status_has_body(unsigned status) noexcept {
    return status >= 200 && status != 204 && status != 304;
}

std::string http_head(unsigned status, std::vector<http_header> const& headers,
                      http_head_options const& options) {
    std::string head;
    head.reserve(256);
    head += options.version == 10 ? "HTTP/1.0 " : "HTTP/1.1 ";
    append_number(head, status);
    head += ' ';
    head += http_reason(status);
    head += "\r\n";
    bool dated = options.date.empty();
    for (auto const& [name, value] : headers) {
        if (is_ours(name) || !is_token(name)) continue;
        dated = dated || equal_ignoring_case(name, "date");
        head += name;
        head += ": ";
        append_value(head, value);
        head += "\r\n";
    }
    if (!dated) {
        head += "Date: ";
        head += options.date;
        head += "\r\n";
    }
    if (options.content_length) {
        head += "Content-Length: ";
        append_number(head, *options.content_length);
        head += "\r\n";
    }
    if (options.chunked) head += "Transfer-Encoding: chunked\r\n";
    if (options.connection == http_connection_header::close) head += "Connection: close\r\n";
    if (options.connection == http_connection_header::keep_alive) {
        head += "Connection: keep-alive\r\n";
    }
    head += "\r\n";
    return head;
}

std::string http_chunk_front(std::size_t size) {
    std::string front;
    append_number(front, size, 16);
    front += "\r\n";
    return front;
}

}  // namespace broker::transport
