#include "broker/peer/sockjs_link.hpp"

#include "broker/peer/connection_link.hpp"
#include "broker/peer/text_frame.hpp"

#include <string>
#include <utility>

namespace broker {
namespace {

namespace sockjs = transport::sockjs;

class sockjs_link final : public sockjs::handler, public connection_link<sockjs::connection> {
public:
    sockjs_link(shard& where, link_origin from)
        : connection_link(where, {.heart_beats = true, .pings = true}, std::move(from)) {}

    void on_open(sockjs::connection& connection) override { opened(connection); }
    void on_message(std::span<char> message, transport::frame_kind) override {
        // A SockJS client cannot lose its NUL: where a message ends says nothing about the frame.
        peer().on_bytes(message, false);
    }
    void on_overflow(sockjs::connection&) override { peer().on_overflow(); }
    void on_close(std::uint16_t code, std::string_view) override { closed(code); }

    void send(transport::payload_ref head, transport::payload_ref tail,
              transport::frame_kind kind) override {
        if (kind == transport::frame_kind::text || connection() == nullptr ||
            !connection()->text_only()) {
            return connection_link::send(std::move(head), std::move(tail), kind);
        }
        std::string frame(head ? head->bytes() : std::string_view{});
        if (tail) frame += tail->bytes();
        connection_link::send({}, transport::make_payload(as_text_frame(frame)),
                              transport::frame_kind::text);
    }
    void close(close_reason reason, std::string_view detail) override {
        if (connection() == nullptr) return;
        connection()->close(describe(reason).websocket_code, close_text(reason, detail));
    }
    void abort(close_reason reason) override {
        if (connection() == nullptr) return;
        connection()->abort(describe(reason).websocket_code, describe(reason).text);
    }
    std::string_view transport_name() const override {
        return connection() == nullptr ? "sockjs" : connection()->transport_name();
    }
};

}  // namespace

std::unique_ptr<sockjs::handler> make_sockjs_link(shard& where, link_origin from) {
    return std::make_unique<sockjs_link>(where, std::move(from));
}

}  // namespace broker
