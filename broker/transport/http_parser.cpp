#include "broker/transport/http_parser.hpp"

#include "broker/transport/http_body.hpp"
#include "broker/transport/http_tokens.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/none.hpp>
#include <utility>

namespace broker::transport {
namespace {

namespace http = boost::beast::http;

std::string text(boost::beast::string_view view) {
    return {view.data(), view.size()};
}

}  // namespace

struct http_parser::impl {
    // Of the header only: it would take in trailers as headers, and keep any length of them.
    http::request_parser<http::empty_body> parser;
    http_body framed;
    std::string body;
    std::size_t header_bytes = 0;  // these two are the limits
    std::size_t body_bytes = 0;
    std::size_t header_used = 0;
};

http_parser::http_parser(std::size_t header_bytes, std::size_t body_bytes)
    : impl_(std::make_unique<impl>()) {
    impl_->parser.header_limit(static_cast<std::uint32_t>(header_bytes));
    impl_->parser.body_limit(boost::none);
    impl_->header_bytes = header_bytes;
    impl_->body_bytes = body_bytes;
}

http_parser::~http_parser() = default;

http_parser::status http_parser::fail(unsigned answer, std::string_view code, std::string detail) {
    fault_ = {answer, code, std::move(detail)};
    return status::failed;
}

http_parser::status http_parser::malformed(std::string_view why) {
    return fail(400, "malformed_request", "The request is malformed. " + std::string(why));
}

http_parser::status http_parser::feed(std::span<char const>& input) {
    if (!impl_->parser.is_header_done()) {
        auto const header = feed_header(input);
        if (header != status::need_body) return header;
    }
    switch (impl_->framed.feed(input, impl_->body)) {
        case http_body::status::need_more: return status::need_body;
        case http_body::status::complete: break;
        case http_body::status::too_large:
            return fail(413, "body_too_large",
                        "The body is longer than limits.http.max_body allows: " +
                            std::to_string(impl_->body_bytes) + " bytes.");
        case http_body::status::malformed:
            return malformed("Its body is not framed as HTTP has it.");
    }
    return status::complete;
}

http_parser::status http_parser::feed_header(std::span<char const>& input) {
    auto& parser = impl_->parser;
    while (!parser.is_header_done()) {
        boost::system::error_code error;
        auto const used = parser.put(boost::asio::buffer(input.data(), input.size()), error);
        input = input.subspan(used);
        impl_->header_used += used;
        if (error == http::error::need_more) return status::need_header;
        // The library counts the request line apart when it comes with the rest.
        if (error == http::error::header_limit || impl_->header_used > impl_->header_bytes) {
            return fail(431, "header_too_large",
                        "The request line and the headers are longer than limits.http.max_header "
                        "allows: " +
                            std::to_string(impl_->header_bytes) + " bytes.");
        }
        if (error == http::error::bad_version) {
            return fail(505, "http_version", "HTTP/1.0 and HTTP/1.1 are spoken here.");
        }
        if (error) return malformed("It is not HTTP.");
    }
    return check_header();
}

http_parser::status http_parser::check_header() {
    auto const& request = impl_->parser.get();
    auto const hosts = request.count(http::field::host);
    if (hosts > 1 || (hosts == 0 && request.version() >= 11)) {
        return malformed("It must have one Host header.");
    }
    auto const target = request.target();
    if (target.empty()) return malformed("It asks for nothing.");
    // What is not understood must not be guessed: where the next request begins depends on it.
    if (auto const coding = request.find(http::field::transfer_encoding); coding != request.end()) {
        if (request.version() < 11) {
            return malformed("HTTP/1.0 has no Transfer-Encoding.");
        }
        if (request.count(http::field::transfer_encoding) > 1 ||
            !equal_ignoring_case(text(coding->value()), "chunked")) {
            return fail(501, "transfer_encoding", "The only Transfer-Encoding here is chunked.");
        }
    }
    auto const length = impl_->parser.content_length();
    if (impl_->parser.chunked()) {
        impl_->framed = http_body(http_body::framing::chunked, 0, impl_->body_bytes);
    } else if (length) {
        impl_->framed = http_body(http_body::framing::length, *length, impl_->body_bytes);
    }
    auto const expectation = request.find(http::field::expect);
    if (expectation != request.end() && request.version() >= 11) {
        if (!equal_ignoring_case(text(expectation->value()), "100-continue")) {
            return fail(417, "expectation", "The only expectation that is met is 100-continue.");
        }
        expects_continue_ = impl_->parser.chunked() || length.value_or(0) != 0;
    }
    return status::need_body;
}

bool http_parser::take_expectation() noexcept {
    return std::exchange(expects_continue_, false);
}

bool http_parser::keep_alive() const {
    return impl_->parser.get().keep_alive();
}

http_request http_parser::take() {
    auto message = impl_->parser.release();
    http_request request;
    request.method = text(message.method_string());
    request.target = text(message.target());
    request.version = message.version();
    for (auto const& field : message) {
        request.headers.push_back({text(field.name_string()), text(field.value())});
    }
    request.body = std::move(impl_->body);

    std::string_view target = request.target;
    // The absolute form, as to a proxy: what counts is behind the authority.
    if (auto const scheme = target.find("://");
        scheme != std::string_view::npos && target.front() != '/') {
        auto const slash = target.find('/', scheme + 3);
        target = slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
    }
    target = target.substr(0, target.find('#'));
    auto const question = target.find('?');
    request.path = target.substr(0, question);
    if (question != std::string_view::npos) request.query = target.substr(question + 1);
    return request;
}

}  // namespace broker::transport
