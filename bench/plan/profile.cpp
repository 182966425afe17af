#include "bench/plan/profile.hpp"

#include <algorithm>
#include <array>

namespace bench {
namespace {

// Stampede opens /topic/public to everybody as it comes. Spring's guide and the examples that
// follow it put the broker behind /ws or /gs-guide-websocket, and a client's SEND to /topic goes
// straight to the simple broker, which gives a RECEIPT for DISCONNECT and for nothing else.
constexpr std::array profiles{
    profile{.name = "stampede",
            .title = "Stampede",
            .url = "ws://127.0.0.1:8080/ws",
            .virtual_host = "/",
            .topic = "/topic/public/bench.{}",
            .topic_send = "/topic/public/bench.{}",
            .queue = "",
            .queue_send = "",
            .receipts = true,
            .chat = true,
            .login = "guest",
            .passcode = "guest"},
    profile{.name = "rabbitmq",
            .title = "RabbitMQ Web STOMP",
            .url = "ws://127.0.0.1:15674/ws",
            .virtual_host = "/",
            .topic = "/topic/bench.{}",
            .topic_send = "/topic/bench.{}",
            .queue = "",
            .queue_send = "",
            .receipts = true,
            .chat = false,
            .login = "guest",
            .passcode = "guest"},
    profile{.name = "spring",
            .title = "Spring's STOMP broker",
            .url = "sockjs://127.0.0.1:8080/ws",
            .virtual_host = "/",
            .topic = "/topic/bench.{}",
            .topic_send = "/topic/bench.{}",
            .queue = "/user/queue/bench",
            .queue_send = "/user/{}/queue/bench",
            .receipts = false,
            .chat = false,
            .login = "",
            .passcode = ""},
    profile{.name = "activemq",
            .title = "ActiveMQ",
            .url = "ws://127.0.0.1:61614/",
            .virtual_host = "/",
            .topic = "/topic/bench.{}",
            .topic_send = "/topic/bench.{}",
            .queue = "",
            .queue_send = "",
            .receipts = true,
            .chat = false,
            .login = "admin",
            .passcode = "admin"},
};

}  // namespace

profile const* find_profile(std::string_view name) noexcept {
    auto const* const found = std::ranges::find(profiles, name, &profile::name);
    return found == profiles.end() ? nullptr : found;
}

std::string_view profile_names() noexcept {
    return "stampede, rabbitmq, spring, activemq";
}

}  // namespace bench
