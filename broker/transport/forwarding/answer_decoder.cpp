#include "broker/transport/forwarding/answer_decoder.hpp"

#include "broker/transport/forwarding/forwarded_request.hpp"
#include "broker/transport/http_body.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/none.hpp>
#include <cstdint>
#include <utility>

namespace broker::transport {
namespace {

namespace http = boost::beast::http;

constexpr std::uint32_t header_bytes = 64 * 1024;

std::string text(boost::beast::string_view view) {
    return {view.data(), view.size()};
}

}  // namespace

struct answer_decoder::impl {
    // Of the header only, as in http_parser.
    http::response_parser<http::empty_body> parser;
    http_body framed;
    std::string unparsed;  // the beginning of a header
    std::string body;
    std::size_t answer_bytes;
    status now = status::need_more;
    bool surplus = false;  // something came behind the end
};

answer_decoder::answer_decoder(std::size_t answer_bytes, bool of_head_request)
    : impl_(std::make_unique<impl>()) {
    impl_->answer_bytes = answer_bytes;
    impl_->parser.header_limit(header_bytes);
    impl_->parser.body_limit(boost::none);
    impl_->parser.skip(of_head_request);
}

answer_decoder::~answer_decoder() = default;

answer_decoder::status answer_decoder::feed(std::span<char const> bytes) {
    if (impl_->now != status::need_more) return impl_->now;
    return impl_->now = decode(bytes);
}

answer_decoder::status answer_decoder::decode(std::span<char const> bytes) {
    auto& parser = impl_->parser;
    std::string joined;
    if (!impl_->unparsed.empty()) {
        joined = std::exchange(impl_->unparsed, {});
        joined.append(bytes.data(), bytes.size());
        bytes = joined;
    }
    while (!parser.is_header_done()) {
        boost::system::error_code error;
        auto const used = parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
        bytes = bytes.subspan(used);
        if (error == http::error::need_more) {
            impl_->unparsed.assign(bytes.data(), bytes.size());
            return status::need_more;
        }
        if (error) return status::failed;
        if (parser.is_header_done()) begin_body();
    }
    switch (impl_->framed.feed(bytes, impl_->body)) {
        case http_body::status::need_more: return status::need_more;
        case http_body::status::complete: break;
        case http_body::status::too_large:
        case http_body::status::malformed: return status::failed;
    }
    impl_->surplus = !bytes.empty();
    return status::complete;
}

void answer_decoder::begin_body() {
    auto const& parser = impl_->parser;
    if (parser.is_done()) return;
    if (parser.chunked()) {
        impl_->framed = http_body(http_body::framing::chunked, 0, SIZE_MAX);
    } else if (parser.need_eof()) {
        impl_->framed = http_body(http_body::framing::to_end, 0, SIZE_MAX);
    } else {
        impl_->framed = http_body(http_body::framing::length, parser.content_length().value_or(0),
                                  impl_->answer_bytes);
    }
}

answer_decoder::status answer_decoder::end() {
    if (impl_->now != status::need_more) return impl_->now;
    // An answer that has not begun may still come, by another connection.
    if (!has_head() || !impl_->framed.may_end()) return status::failed;
    return impl_->now = status::complete;
}

bool answer_decoder::has_head() const {
    return impl_->parser.is_header_done();
}

bool answer_decoder::is_stream() const {
    return impl_->parser.chunked() || impl_->parser.need_eof();
}

bool answer_decoder::keeps_connection() const {
    return impl_->now == status::complete && impl_->parser.keep_alive() && !impl_->surplus;
}

http_response answer_decoder::take_head() {
    auto const& message = impl_->parser.get();
    http_response head;
    head.status = message.result_int();
    for (auto const& field : message) {
        auto name = text(field.name_string());
        if (is_hop_by_hop(name)) continue;
        head.headers.push_back({std::move(name), text(field.value())});
    }
    return head;
}

std::string answer_decoder::take_body() {
    return std::exchange(impl_->body, {});
}

}  // namespace broker::transport
