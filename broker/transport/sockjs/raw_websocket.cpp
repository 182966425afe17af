#include "broker/transport/sockjs/answers.hpp"
#include "broker/transport/sockjs/close_code.hpp"
#include "broker/transport/sockjs/endpoints.hpp"
#include "broker/transport/sockjs/transport_names.hpp"

#include <algorithm>
#include <utility>

namespace broker::transport::sockjs {
namespace {

// A WebSocket without SockJS framing and heart-beats.
class raw_websocket final : public websocket_handler, public connection {
public:
    explicit raw_websocket(std::unique_ptr<handler> application)
        : application_(std::move(application)) {}

    // websocket_handler
    void on_open(websocket_connection& socket) override {
        socket_ = &socket;
        application_->on_open(*this);
    }
    void on_message(std::span<char> message, frame_kind kind) override {
        if (!closing_) application_->on_message(message, kind);
    }
    void on_overflow(websocket_connection&) override { application_->on_overflow(*this); }
    void on_close(std::uint16_t code, std::string_view reason) override {
        application_->on_close(code, reason);
    }

    // connection
    void send(payload_ref head, payload_ref tail, frame_kind kind) override {
        if (!closing_) socket_->send(std::move(head), std::move(tail), kind);
    }
    bool text_only() const override { return false; }
    void close(std::uint16_t code, std::string_view reason) override {
        if (std::exchange(closing_, true)) return;
        socket_->close(websocket_close_code(code), websocket_close_reason(reason));
    }
    void abort(std::uint16_t, std::string_view) override {
        closing_ = true;
        socket_->abort();
    }
    void limit_messages(std::size_t bytes) override { socket_->limit_messages(bytes); }
    void pause_reading() override { socket_->pause_reading(); }
    void resume_reading() override { socket_->resume_reading(); }
    std::size_t queued_bytes() const override { return socket_->queued_bytes(); }
    std::string_view transport_name() const override { return transport_names::raw_websocket; }

private:
    std::unique_ptr<handler> application_;
    websocket_connection* socket_ = nullptr;
    bool closing_ = false;
};

std::string_view trim(std::string_view text) {
    auto is_space = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

bool lists(std::string_view values, std::string_view wanted) {
    while (!values.empty()) {
        auto const value = values.substr(0, values.find(','));
        values.remove_prefix(std::min(values.size(), value.size() + 1));
        if (trim(value) == wanted) return true;
    }
    return false;
}

bool offers(http_request const& request, std::string_view subprotocol) {
    return std::ranges::any_of(request.headers, [&](http_header const& header) {
        return is_header_name(header.name, "sec-websocket-protocol") &&
               lists(header.value, subprotocol);
    });
}

// The best of ours that the client offers, or none.
std::string_view choose_subprotocol(call const& call) {
    for (auto const& ours : call.options().subprotocols) {
        if (offers(call.request(), ours)) return ours;
    }
    return {};
}

}  // namespace

void serve_raw_websocket(call const& call) {
    if (call.request().method != "GET") return call.exchange->respond(method_not_allowed("GET"));
    if (!check_upgrade(call)) return;
    auto const transport = socket_options(call.options(), call.options().max_message_bytes);
    accept(call, choose_subprotocol(call), transport, [](std::unique_ptr<handler> application) {
        return std::make_unique<raw_websocket>(std::move(application));
    });
}

}  // namespace broker::transport::sockjs
