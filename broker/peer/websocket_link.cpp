#include "broker/peer/websocket_link.hpp"

#include "broker/peer/connection_link.hpp"

#include <utility>

namespace broker {
namespace {

using transport::frame_kind;
using transport::websocket_connection;

class websocket_link final : public transport::websocket_handler,
                             public connection_link<websocket_connection> {
public:
    websocket_link(shard& where, link_origin from)
        : connection_link(where, {.heart_beats = true, .pings = true}, std::move(from)) {}

    void on_open(websocket_connection& connection) override { opened(connection); }
    void on_message(std::span<char> message, frame_kind kind) override {
        peer().on_bytes(message, kind == frame_kind::text);
    }
    void on_overflow(websocket_connection&) override { peer().on_overflow(); }
    void on_close(std::uint16_t code, std::string_view) override { closed(code); }

    void close(close_reason reason, std::string_view detail) override {
        if (connection() == nullptr) return;
        connection()->close(describe(reason).websocket_code, close_text(reason, detail));
    }
    void abort(close_reason) override {
        if (connection() != nullptr) connection()->abort();
    }
    std::string_view transport_name() const override { return "websocket"; }
};

}  // namespace

std::unique_ptr<transport::websocket_handler> make_websocket_link(shard& where, link_origin from) {
    return std::make_unique<websocket_link>(where, std::move(from));
}

}  // namespace broker
