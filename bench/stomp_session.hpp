#pragma once

#include "bench/websocket_client.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

// One STOMP client of the bench: connects, logs in, and tells what arrives. Frames are told apart
// by their first bytes only; what a scenario does not look at is not parsed.

namespace bench {

struct login {
    std::string user;
    std::string passcode;
};

class stomp_session {
public:
    std::function<void()> on_connected;
    std::function<void(std::string_view frame)> on_message;    // MESSAGE
    std::function<void(std::string_view receipt)> on_receipt;  // the receipt-id
    std::function<void(std::string_view what)> on_error;       // ERROR, or the connection's end

    void start(client_loop& loop, endpoint const& to, login const& as,
               std::string const& source = {});
    void subscribe(std::string_view destination, std::string_view receipt = {});
    void send(std::string_view destination, std::string_view body, std::string_view receipt = {});

    websocket_client& connection() noexcept { return client_; }

private:
    void on_frame(std::string_view frame);

    websocket_client client_;
    std::string scratch_;
};

// The value of a header in a frame, unescaped forms left as they are; empty when missing.
std::string_view header_of(std::string_view frame, std::string_view name);

}  // namespace bench
