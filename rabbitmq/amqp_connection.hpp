#pragma once

#include "rabbitmq/broker_address.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// One connection to RabbitMQ. With broker_address.cpp the only file that knows rabbitmq-c.
//
// Nothing here waits but what its comment says. Every function throws link_failure when the
// connection is of no use any more; it can only be destroyed then. One thread, except
// interrupt().

namespace rabbitmq {

class link_failure : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct connection_options {
    std::string name;     // as RabbitMQ's operator sees it
    std::string ca_file;  // see options
    std::chrono::milliseconds connect_timeout{5'000};
    std::chrono::seconds heart_beat{10};
};

struct publication {
    std::string_view exchange{};
    std::string_view routing_key{};
    std::string_view content_type{};
    std::string_view type{};
    std::string_view message_id{};
    std::string_view app_id{};
    bool persistent = false;
    std::vector<std::pair<std::string_view, std::string_view>> headers{};
    std::string_view body{};
};

// What a header with a text takes of amqp_connection::header_room().
constexpr std::size_t header_octets(std::string_view name, std::string_view value) {
    constexpr std::size_t marks = 6;  // two lengths and the kind of value
    return name.size() + value.size() + marks;
}

using channel_number = std::uint16_t;

struct delivery {
    channel_number channel = 0;
    std::uint64_t tag = 0;
    bool redelivered = false;
    std::string exchange;
    std::string routing_key;
    std::string content_type;
    std::string type;
    std::string message_id;
    std::string app_id;
    std::vector<std::pair<std::string, std::string>> headers;  // those that are text
    std::string body;
};

// RabbitMQ's answer to one publish, or to all up to it.
struct confirm {
    std::uint64_t tag = 0;
    bool multiple = false;
    bool taken = true;
};

// No publishes for now, and why; they may come again.
struct link_blocked {
    std::string reason;
};
struct link_unblocked {};

// Whether RabbitMQ's answer is awaited. Otherwise none comes, and what is wrong ends the link.
enum class declaration : std::uint8_t { awaited, not_awaited };

using incoming = std::variant<delivery, confirm, link_blocked, link_unblocked>;

class amqp_connection {
public:
    // Connects, with TLS makes sure of the server, and logs in; waits for at most about the connect
    // timeout twice.
    amqp_connection(broker_address const& address, connection_options const& options);
    ~amqp_connection();
    amqp_connection(amqp_connection const&) = delete;
    amqp_connection& operator=(amqp_connection const&) = delete;

    // Each waits for RabbitMQ's answer, for at most the connect timeout, unless told not to.
    void open_channel(channel_number channel);
    void declare_topic_exchange(std::string_view name, declaration how = declaration::awaited);
    void declare_durable_queue(std::string_view name, declaration how = declaration::awaited);
    // Exclusive, goes with the connection; over so many octets it loses its oldest messages.
    void declare_own_queue(std::string_view name, std::size_t most_bytes);
    void bind(std::string_view queue, std::string_view exchange, std::string_view key,
              declaration how = declaration::awaited);
    void select_confirms(channel_number channel);
    void consume(channel_number channel, std::string_view queue, std::uint16_t prefetch);

    // True if a publish of usual size would not wait for the socket.
    bool writable() const;
    // Octets for the headers of one publication: its properties go in one frame.
    std::size_t header_room() const;
    // Its headers fit. May wait for the socket; a peer that takes nothing for two heart-beats is
    // given up.
    void publish(channel_number channel, publication const& what);
    void acknowledge(channel_number channel, std::uint64_t tag, bool multiple);

    // What came next, if it is here. To be called at least every half heart-beat, for it also
    // sends ours and notices that RabbitMQ's are missing.
    std::optional<incoming> next();

    int socket() const;

    // Tells RabbitMQ that nothing is wrong; waits a second at most. Throws nothing.
    void close() noexcept;
    // From any thread, while this lives: whatever waits on the socket fails at once.
    void interrupt() noexcept;

private:
    class state;
    std::unique_ptr<state> state_;
};

}  // namespace rabbitmq
