#pragma once

#include "broker/transport/connection_host.hpp"
#include "broker/transport/http.hpp"
#include "broker/transport/loop.hpp"
#include "broker/transport/tcp_handler.hpp"
#include "broker/transport/tls_context.hpp"
#include "broker/unique_function.hpp"

#include <boost/system/result.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// N loops with their threads, the listeners on them, and every connection.
//
// Made, given listeners, started and stopped by one thread (main); the loops are there from the
// beginning, so that others can hang their own state on them before start().

namespace broker::transport {

struct listener_options {
    std::string address = "127.0.0.1";  // IPv4 or IPv6, numeric; "::" takes both
    std::uint16_t port = 0;             // 0: a free one
    std::optional<tls_files> tls{};
    bool open_until_stop = false;  // not closed by stop_accepting(): others need it to the end
};

struct transport_options {
    std::size_t loops = 1;
    std::size_t max_connections = 0;  // of all listeners together; 0: as many as the system allows
    std::string_view thread_name = "shard";
    socket_admission admit{};  // of listeners that are not open_until_stop
    http_limits http{};
    tcp_limits tcp{};
    // For logs; called on every loop.
    std::function<void(answered_request const&)> on_answered{};
};

struct transport_counts {
    std::size_t open = 0;
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;
};

class transport_server {
public:
    using tcp_factory =
        std::function<std::unique_ptr<tcp_handler>(loop& home, std::string_view peer_address)>;

    explicit transport_server(transport_options options);
    ~transport_server();  // as stop()
    transport_server(transport_server const&) = delete;
    transport_server& operator=(transport_server const&) = delete;

    std::size_t loop_count() const noexcept;
    loop& loop_at(std::size_t index) noexcept;

    // Binds and listens; connections are accepted from start() on, or at once after it. Returns the
    // real port. `routes` must outlive this server. A bad certificate throws (see tls_context).
    boost::system::result<std::uint16_t> listen(listener_options const& options,
                                                http_routes const& routes);
    // The factory is called on the loop where the connection lives; null refuses it.
    boost::system::result<std::uint16_t> listen(listener_options const& options,
                                                tcp_factory factory);

    // One thread per loop.
    void start();

    // Takes who is waiting in the backlogs, then closes the listening sockets but those that are
    // open_until_stop; HTTP answers say "Connection: close" from here on and idle HTTP connections
    // end. WebSocket and TCP connections are their handlers' to close. Returns when it is done.
    void stop_accepting();

    // Reads the listeners' certificates again, of all that are `wanted`; to call the answer puts
    // all of them to use. Throws for the first that fails: all keep their old ones. The answer must
    // not outlive this.
    [[nodiscard]] unique_function<void()> read_certificates(
        std::function<bool(tls_files const&)> const& wanted) const;

    // For sockets that come from now on. Any thread.
    void set_max_connections(std::size_t most) noexcept;

    transport_counts counts() const noexcept;  // any thread
    // Bytes that wait in the queues of all connections; any thread.
    std::int64_t waiting_bytes() const noexcept;

    // Ends every connection (handlers get on_close), then the threads. The loops stay until the
    // destructor, so that what was posted to them too late has a place to go.
    void stop();

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace broker::transport
