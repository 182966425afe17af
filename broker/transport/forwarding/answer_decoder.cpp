#include "broker/transport/forwarding/answer_decoder.hpp"

#include "broker/transport/forwarding/forwarded_request.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/optional/optional.hpp>
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
    http::response_parser<http::string_body> parser;
    std::string unparsed;  // the beginning of a header, or of a chunk's
    std::size_t answer_bytes;
    std::size_t body_bytes = 0;
    bool surplus = false;  // something came behind the end
};

answer_decoder::answer_decoder(std::size_t answer_bytes) : impl_(std::make_unique<impl>()) {
    impl_->answer_bytes = answer_bytes;
    impl_->parser.header_limit(header_bytes);
    impl_->parser.body_limit(boost::none);
    impl_->parser.eager(true);
}

answer_decoder::~answer_decoder() = default;

answer_decoder::status answer_decoder::feed(std::span<char const> bytes) {
    auto& parser = impl_->parser;
    std::string joined;
    if (!impl_->unparsed.empty()) {
        joined = std::exchange(impl_->unparsed, {});
        joined.append(bytes.data(), bytes.size());
        bytes = joined;
    }
    while (!parser.is_done()) {
        auto const before = parser.get().body().size();
        boost::system::error_code error;
        auto const used = parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
        bytes = bytes.subspan(used);
        impl_->body_bytes += parser.get().body().size() - before;
        bool const more = error == http::error::need_more;
        if (error && !more) return status::failed;
        if (has_head() && !is_stream() && impl_->body_bytes > impl_->answer_bytes) {
            return status::failed;
        }
        if (parser.is_done()) break;
        if (more || bytes.empty() || used == 0) {
            impl_->unparsed.assign(bytes.data(), bytes.size());
            return status::need_more;
        }
    }
    impl_->surplus = !bytes.empty();
    return status::complete;
}

answer_decoder::status answer_decoder::end() {
    boost::system::error_code error;
    if (impl_->parser.is_done()) return status::complete;
    if (!impl_->parser.is_header_done()) return status::failed;
    impl_->parser.put_eof(error);
    return error ? status::failed : status::complete;
}

bool answer_decoder::has_head() const {
    return impl_->parser.is_header_done();
}

bool answer_decoder::is_stream() const {
    return impl_->parser.chunked() || impl_->parser.need_eof();
}

bool answer_decoder::keeps_connection() const {
    return impl_->parser.is_done() && impl_->parser.keep_alive() && !impl_->surplus;
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
    return std::exchange(impl_->parser.get().body(), {});
}

}  // namespace broker::transport
