#pragma once

#include "broker/transport/http.hpp"
#include "broker/transport/http_fault.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

// One HTTP/1 request from bytes, as they come. Pure; made for a request and gone with it. The only
// place that sees an HTTP library.

namespace broker::transport {

class http_parser {
public:
    enum class status : std::uint8_t {
        need_header,  // the header is not complete; feed the unused bytes again, with more behind
        need_body,
        complete,
        failed,  // see error_status()
    };

    http_parser(std::size_t header_bytes, std::size_t body_bytes);
    ~http_parser();
    http_parser(http_parser const&) = delete;
    http_parser& operator=(http_parser const&) = delete;

    // Uses up bytes from the front of `input`, none behind the end of the request.
    status feed(std::span<char const>& input);

    // The client waits for "100 Continue" before it sends the body. True once.
    bool take_expectation() noexcept;

    // After `failed`: why the request cannot be. 400, 413, 417, 431, 501 or 505.
    http_fault const& fault() const noexcept { return fault_; }

    // After `complete`.
    bool keep_alive() const;
    http_request take();

private:
    struct impl;
    status fail(unsigned answer, std::string_view code, std::string detail);
    status malformed(std::string_view why);
    status feed_header(std::span<char const>& input);
    status check_header();

    std::unique_ptr<impl> impl_;
    http_fault fault_;
    bool expects_continue_ = false;
};

}  // namespace broker::transport
