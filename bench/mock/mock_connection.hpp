#pragma once

#include "bench/client/loop_state.hpp"
#include "bench/client/stream.hpp"
#include "bench/mock/mock_server.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// One client of the mock server. It finds out by the first bytes how the client speaks.

namespace bench {

class mock_connection final : public pollable {
public:
    mock_connection(mock_server& server, std::uint64_t number, int socket);
    ~mock_connection();
    mock_connection(mock_connection const&) = delete;
    mock_connection& operator=(mock_connection const&) = delete;

    // A STOMP frame with its NUL, or a heart-beat.
    void send(std::string_view frame);
    // Sends what is queued and hangs up; the server forgets it a little later.
    void cut();
    bool ended() const noexcept { return ended_; }

    void on_ready(std::uint32_t events) override;
    void flush() override;

private:
    enum class manner : std::uint8_t { unknown, websocket, sockjs, tcp };

    void take(std::string_view& bytes);
    bool take_request(std::string_view& bytes);
    void take_websocket(std::string_view& bytes);
    void on_text(std::string_view text);  // what a WebSocket message carries
    void on_stomp_bytes(std::string_view bytes);
    void on_frame(std::string_view frame);
    void on_connect(std::string_view frame);
    void on_disconnect(std::string_view frame);
    void on_send(std::string_view frame);
    void give_receipt(std::string_view frame);
    void fail(std::string_view frame, std::string_view why);  // ERROR and the end
    void beat();
    void mark();

    mock_server& server_;
    client_loop::state& loop_;
    std::uint64_t number_;
    stream stream_;
    std::string in_;
    std::string message_;  // fragments of a WebSocket message
    std::string stomp_;    // the start of a frame
    std::string out_;
    std::string user_;  // empty: has no name
    manner manner_ = manner::unknown;
    bool logged_in_ = false;
    bool marked_ = false;
    bool wants_write_ = false;
    bool ended_ = false;
};

}  // namespace bench
