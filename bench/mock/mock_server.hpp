#pragma once

#include "bench/client/client_loop.hpp"
#include "bench/client/loop_state.hpp"
#include "bench/client/stream.hpp"
#include "bench/mock/faults.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// A small STOMP server with deliberate faults, exact and repeatable, to try a load tester on: what
// the tester reports must be what the server says it did. One port speaks WebSocket at /ws,
// SockJS's WebSocket transport under /ws, and STOMP over TCP. It delivers to the subscriptions of
// exactly the destination that was sent to, on the thread of its loop.
//
// Of a chat server it has rooms: what is sent to /app/chat.sendMessage, chat.join and chat.leave
// comes at /topic/chatroom/N with the room's next seq; pages of history are there, and empty.

namespace bench {

class mock_connection;

class mock_server final : public pollable {
public:
    // Listens on 127.0.0.1; port 0 takes a free one. Throws std::system_error.
    mock_server(client_loop& loop, std::uint16_t port, faults const& does_wrong);
    ~mock_server();
    mock_server(mock_server const&) = delete;
    mock_server& operator=(mock_server const&) = delete;

    std::uint16_t port() const noexcept { return port_; }
    deeds const& done() const noexcept { return done_; }

    void on_ready(std::uint32_t events) override;
    void flush() override {}

private:
    friend class mock_connection;

    struct subscription {
        std::uint64_t connection;
        std::string id;
        std::string destination;             // as it was subscribed to
        std::uint64_t late;                  // messages that it still misses
        std::uint64_t messages = 0;          // that were due to it
        std::vector<std::string> held = {};  // to be sent after the next one
    };

    struct room {
        std::uint64_t messages = 0;
        std::uint64_t seq = 0;
    };

    // `place`: what a SEND that is for it goes to.
    void subscribe(std::uint64_t connection, std::string_view id, std::string_view destination,
                   std::string const& place);
    void unsubscribe(std::uint64_t connection, std::string_view id);
    void stall_later();
    void take(std::string_view place, std::string_view content_type, std::string_view body);
    void take_of_chat(std::string_view action, std::string_view body);
    // `headers`: what the message has besides its destination, as lines.
    void publish(std::string_view place, std::string_view headers, std::string_view body);
    void deliver(subscription& to, std::string_view place, std::string_view headers,
                 std::string_view body);
    std::uint64_t next_seq(room& of);
    void emit(std::uint64_t connection, std::string frame, std::uint64_t number);
    void release_held(subscription& of);
    void hand_over(std::uint64_t connection, std::string_view frame);
    void end(std::uint64_t connection);

    client_loop& loop_;
    faults wrong_;
    deeds done_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::uint64_t accepted_ = 0;
    std::uint64_t connects_ = 0;
    std::uint64_t receipts_asked_ = 0;
    std::uint64_t handed_over_ = 0;
    std::map<std::uint64_t, std::unique_ptr<mock_connection>> connections_;
    std::map<std::string, std::vector<std::unique_ptr<subscription>>, std::less<>> subscriptions_;
    std::map<std::string, room, std::less<>> rooms_;              // by their number
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for what the loop does later
};

}  // namespace bench
