#pragma once

#include "bench/client/client_loop.hpp"
#include "bench/client/endpoint.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// One STOMP client over WebSocket, SockJS's WebSocket or TCP, each with or without TLS. It belongs
// to the thread of its loop. Twenty thousand of them fit beside the server that they load: an idle
// one without TLS takes less than 1 KiB. Received frames are told apart by their first bytes; what
// nobody asks for is not parsed.

namespace bench {

class stomp_client;

// A MESSAGE or ERROR; valid during the call that shows it.
class frame_view {
public:
    explicit frame_view(std::string_view bytes) noexcept : bytes_(bytes) {}

    // The first of this name, as on the wire, without unescaping; empty when there is none.
    std::string_view header(std::string_view name) const noexcept;
    std::string_view body() const noexcept;
    // From the command on, without the NUL at the end.
    std::string_view bytes() const noexcept { return bytes_; }

private:
    std::string_view bytes_;
};

class client_listener {
public:
    // In every call `client` may be closed and connected again, and other clients destroyed, but
    // not `client` itself. It may be sent through in all but on_closed. None of them is called from
    // inside connect() or a function that sends.
    virtual void on_connected(stomp_client& client) = 0;
    // Right before it: what CONNECTED says, for those who want to know.
    virtual void on_welcome(stomp_client& /*client*/, frame_view /*connected*/) {}
    virtual void on_message(stomp_client& client, frame_view message) = 0;
    virtual void on_receipt(stomp_client& client, std::string_view receipt) = 0;
    // An ERROR frame; on_closed follows when the server closes.
    virtual void on_error(stomp_client& client, frame_view error) = 0;
    // The connection ended or never came about; `reason` is for people: "refused", "HTTP/1.1 403",
    // "closed by the server: 3001 ...". Not called for a close() of one's own.
    virtual void on_closed(stomp_client& client, std::string_view reason) = 0;

protected:
    ~client_listener() = default;
};

// What every client of a run has in common.
struct client_options {
    std::string accept_version = "1.2";
    std::string virtual_host = "/";  // CONNECT's `host`
    std::chrono::milliseconds heart_beat_send{0};
    std::chrono::milliseconds heart_beat_receive{0};
    bool verify_certificate = true;
    std::string certificate_authority;         // a PEM file; empty: the system's
    std::chrono::seconds connect_timeout{30};  // from connect() to CONNECTED
};

// Who a client is.
struct credentials {
    std::string login;     // empty: no header
    std::string passcode;  // empty: no header
    std::string token;  // a JWT, sent as `Authorization: Bearer` in CONNECT and in the handshake;
                        // empty: none
    std::vector<std::pair<std::string, std::string>> headers;  // of CONNECT, beside these
};

class stomp_client {
public:
    // `loop`, `listener` and `options` outlive it.
    stomp_client(client_loop& loop, client_listener& listener, client_options const& options);
    ~stomp_client();
    stomp_client(stomp_client const&) = delete;
    stomp_client& operator=(stomp_client const&) = delete;

    // Connects and logs in, from the address `source` when it is not empty. A client that was
    // closed may connect again.
    void connect(endpoint const& to, credentials const& as, std::string_view source = {});

    // These four do nothing without a session (connected()). Names and ids are escaped here;
    // `headers`: further lines, each "name:value\n", already escaped.
    void subscribe(std::string_view id, std::string_view destination, std::string_view receipt = {},
                   std::string_view headers = {});
    void unsubscribe(std::string_view id, std::string_view receipt = {});
    void send(std::string_view destination, std::string_view body, std::string_view receipt = {},
              std::string_view headers = {});
    void disconnect(std::string_view receipt);  // the DISCONNECT frame

    // Ends the connection: with its framing's farewell when `politely`, else at once.
    void close(bool politely);

    // A client that does not read leaves what it gets to the kernel's buffers and the server, but
    // for what was read already in the same turn. It lasts until the connection ends.
    void pause_reading();
    void resume_reading();

    bool connected() const noexcept;  // CONNECTED came and nothing ended it since
    std::uint32_t index = 0;          // for the listener's own use
    std::uint64_t bytes_received() const noexcept;
    std::size_t unsent() const noexcept;  // bytes that the kernel did not take yet

private:
    class connection;
    std::unique_ptr<connection> connection_;
};

}  // namespace bench
