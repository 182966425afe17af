#pragma once

#include "broker/transport/connection_host.hpp"
#include "broker/transport/peer_address.hpp"
#include "broker/transport/poller.hpp"
#include "broker/transport/timer_wheel.hpp"
#include "broker/transport/tls_context.hpp"

#include <boost/system/result.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

// Listening sockets. Every loop has its own of one address (SO_REUSEPORT), so that a connection is
// accepted where it will live.

namespace broker::transport {

// A non-blocking listening socket. `port` 0 takes a free one.
boost::system::result<int> open_listening_socket(std::string const& address, std::uint16_t port);

// Fails when anybody else listens on the port: SO_REUSEPORT alone would share it silently.
boost::system::error_code check_port_is_free(std::string const& address, std::uint16_t port);

boost::system::result<std::uint16_t> local_port(int descriptor);

// What those hear who are not taken, in the clear: a TLS client would not understand it.
struct turned_away_texts {
    std::string node_full;     // no more sockets
    std::string address_full;  // none for this address
};

// One loop's socket of a listener. On the loop's thread, once watched.
class accepter final : public pollable, public timed {
public:
    // Makes a connection of an accepted socket.
    using factory = std::function<void(connection_host&, byte_stream, peer_address)>;

    accepter(connection_host& host, int descriptor, std::shared_ptr<tls_context const> tls,
             factory make, turned_away_texts const& refusals);  // which outlive us
    ~accepter() override;
    accepter(accepter const&) = delete;
    accepter& operator=(accepter const&) = delete;

    void start();
    // Does not ask who they are: for other nodes, which are no clients.
    void take_everybody() noexcept { asks_ = false; }
    // Accepts who is waiting already, then closes.
    void stop();

    void on_ready(std::uint32_t events) override;
    void on_deadline(steady_time now) override;

private:
    bool accept_one();
    void turn_away(int descriptor, std::string_view text) noexcept;
    bool out_of_descriptors();

    connection_host& host_;
    int descriptor_;
    int spare_;  // given up for a moment when no other descriptor is left
    std::shared_ptr<tls_context const> tls_;
    factory make_;
    turned_away_texts const& refusals_;
    bool asks_ = true;
};

}  // namespace broker::transport
