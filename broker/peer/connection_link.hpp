#pragma once

#include "broker/peer/stomp_peer.hpp"
#include "broker/transport/link.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

// What the links over the three kinds of connection (WebSocket, SockJS, TCP) have in common: they
// own the session's peer, and pass on to the connection while there is one.

namespace broker {

template <typename Connection>
class connection_link : public transport::link {
public:
    connection_link(shard& where, link_traits traits, link_origin from)
        : peer_(std::make_shared<stomp_peer>(where, *this, traits, std::move(from))) {}
    ~connection_link() override { peer_->on_link_closed(); }

    void send(transport::payload_ref head, transport::payload_ref tail,
              transport::frame_kind kind) override {
        if (connection_ == nullptr) return;
        sent_ = true;
        if constexpr (requires { connection_->send(head, tail, kind); }) {
            connection_->send(std::move(head), std::move(tail), kind);
        } else {
            connection_->send(std::move(head), std::move(tail));
        }
    }
    void send_heart_beat() override {
        send({}, transport::make_payload("\n"), transport::frame_kind::text);
    }
    void limit_messages(std::size_t bytes) override {
        if constexpr (requires(Connection & some) { some.limit_messages(bytes); }) {
            if (connection_ != nullptr) connection_->limit_messages(bytes);
        }
    }
    void pause_reading() override {
        if (connection_ != nullptr) connection_->pause_reading();
    }
    void resume_reading() override {
        if (connection_ != nullptr) connection_->resume_reading();
    }
    bool input_overdue() const override {
        if constexpr (requires { connection_->input_overdue(); }) {
            return connection_ != nullptr && connection_->input_overdue();
        } else {
            return false;
        }
    }
    std::size_t queued_bytes() const override {
        return connection_ == nullptr ? 0 : connection_->queued_bytes();
    }
    bool take_sent_mark() override { return std::exchange(sent_, false); }

protected:
    void opened(Connection& connection) {
        connection_ = &connection;
        peer_->on_open();
    }
    void closed(std::uint16_t websocket_code = 1006) {
        connection_ = nullptr;
        peer_->on_link_closed(websocket_code);
    }
    stomp_peer& peer() noexcept { return *peer_; }
    Connection* connection() const noexcept { return connection_; }

private:
    Connection* connection_ = nullptr;
    bool sent_ = false;
    std::shared_ptr<stomp_peer> peer_;
};

// The text of a close frame: the detail if there is one.
inline std::string_view close_text(close_reason reason, std::string_view detail) {
    return detail.empty() ? describe(reason).text : detail;
}

}  // namespace broker
