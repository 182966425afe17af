#include "broker/transport/http_parser.hpp"

#include "broker/transport/http_tokens.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <utility>

namespace broker::transport {
namespace {

namespace http = boost::beast::http;

std::string text(boost::beast::string_view view) {
    return {view.data(), view.size()};
}

}  // namespace

struct http_parser::impl {
    http::request_parser<http::string_body> parser;
    bool header_checked = false;
};

http_parser::http_parser(std::size_t header_bytes, std::size_t body_bytes)
    : impl_(std::make_unique<impl>()) {
    impl_->parser.header_limit(static_cast<std::uint32_t>(header_bytes));
    impl_->parser.body_limit(body_bytes);
}

http_parser::~http_parser() = default;

http_parser::status http_parser::fail(unsigned code, std::string_view text) noexcept {
    error_status_ = code;
    error_text_ = text;
    return status::failed;
}

http_parser::status http_parser::feed(std::span<char const>& input) {
    auto& parser = impl_->parser;
    while (!parser.is_done()) {
        boost::system::error_code error;
        auto const used = parser.put(boost::asio::buffer(input.data(), input.size()), error);
        input = input.subspan(used);
        if (error == http::error::need_more) {
            if (parser.is_header_done()) return status::need_body;
            return status::need_header;
        }
        if (error == http::error::header_limit) return fail(431, "request header too large");
        if (error == http::error::body_limit) return fail(413, "request body too large");
        if (error == http::error::bad_version) return fail(505, "HTTP version not supported");
        if (error) return fail(400, "malformed request");
        if (parser.is_header_done() && !std::exchange(impl_->header_checked, true)) {
            if (check_header() == status::failed) return status::failed;
            parser.eager(true);
        } else if (input.empty() && !parser.is_done()) {
            return status::need_body;
        }
    }
    return status::complete;
}

http_parser::status http_parser::check_header() {
    auto const& request = impl_->parser.get();
    auto const hosts = request.count(http::field::host);
    if (hosts > 1 || (hosts == 0 && request.version() >= 11)) {
        return fail(400, "one Host header is required");
    }
    auto const target = request.target();
    if (target.empty()) return fail(400, "malformed request target");
    // What is not understood must not be guessed: where the next request begins depends on it.
    if (auto const coding = request.find(http::field::transfer_encoding); coding != request.end()) {
        if (request.version() < 11) return fail(400, "transfer encoding in HTTP/1.0");
        if (request.count(http::field::transfer_encoding) > 1 ||
            !equal_ignoring_case(text(coding->value()), "chunked")) {
            return fail(501, "transfer encoding not supported");
        }
    }
    auto const expectation = request.find(http::field::expect);
    if (expectation != request.end() && request.version() >= 11) {
        if (!equal_ignoring_case(text(expectation->value()), "100-continue")) {
            return fail(417, "expectation not supported");
        }
        expects_continue_ = !impl_->parser.is_done();
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
    request.body = std::move(message.body());

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
