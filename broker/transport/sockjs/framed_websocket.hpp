#pragma once

#include "broker/ports/clock.hpp"
#include "broker/transport/sockjs/handler.hpp"
#include "broker/transport/timer_wheel.hpp"
#include "broker/transport/websocket_handler.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

// A SockJS session over one WebSocket: the frames are WebSocket messages, and the session ends with
// its socket. On the shard where the socket landed.

namespace broker::transport::sockjs {

class session_registry;

class framed_websocket final : public websocket_handler, public connection, public timed {
public:
    framed_websocket(session_registry& shard, std::unique_ptr<handler> application);

    // websocket_handler
    void on_open(websocket_connection& socket) override;
    void on_message(std::span<char> message, frame_kind kind) override;
    void on_overflow(websocket_connection& socket) override;
    void on_close(std::uint16_t code, std::string_view reason) override;

    // connection
    void send(payload_ref head, payload_ref tail, frame_kind kind) override;
    bool text_only() const override { return true; }
    void close(std::uint16_t code, std::string_view reason) override;
    void abort(std::uint16_t code, std::string_view reason) override;
    void limit_messages(std::size_t bytes) override;
    void pause_reading() override;
    void resume_reading() override;
    std::size_t queued_bytes() const override;
    std::string_view transport_name() const override;

    void on_deadline(steady_time now) override;

private:
    // Messages of one frame that the application has not taken yet.
    struct waiting_messages {
        std::vector<char> bytes;
        std::vector<std::size_t> sizes;
        std::size_t next_message = 0;
        std::size_t next_byte = 0;
    };

    void send_frame(payload_ref frame);
    void refuse(std::uint16_t code, std::string_view reason);
    void deliver(std::span<std::span<char> const> messages);
    void deliver_waiting();

    session_registry& shard_;  // outlives us: owned by the service
    std::unique_ptr<handler> application_;
    websocket_connection* socket_ = nullptr;
    steady_time last_frame_{};
    bool closing_ = false;
    bool paused_ = false;
    std::unique_ptr<waiting_messages> waiting_;
    std::shared_ptr<framed_websocket*> self_;  // for work that was posted; null until needed
};

}  // namespace broker::transport::sockjs
