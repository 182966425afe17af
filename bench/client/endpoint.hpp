#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// Where a server is and how it is spoken to.
//
//   ws://HOST[:PORT]/PATH       STOMP in plain WebSocket messages; wss:// over TLS
//   sockjs://HOST[:PORT]/PREFIX SockJS's WebSocket transport under this prefix; sockjss:// over TLS
//   stomp://HOST[:PORT]         STOMP over TCP; stomps:// over TLS

namespace bench {

enum class framing : std::uint8_t { websocket, sockjs, tcp };

struct endpoint {
    framing kind = framing::websocket;
    bool tls = false;
    std::string host;        // as in the URL: for Host and SNI
    std::uint16_t port = 0;  // the scheme's default (80, 443, 61613, 61614) when the URL has none
    std::string path;        // "/ws"; empty for TCP
    std::string url;         // as it was given
};

// Throws std::invalid_argument with the URL, what is wrong and what was expected.
endpoint parse_url(std::string_view url);

}  // namespace bench
