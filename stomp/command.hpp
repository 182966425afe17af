#pragma once

#include "stomp/version.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

// The commands and what the protocol says about each: one table for the parser, the session, logs
// and metrics.

namespace stomp {

enum class command : std::uint8_t {
    connect,
    stomp,
    connected,
    send,
    subscribe,
    unsubscribe,
    ack,
    nack,
    begin,
    commit,
    abort,
    disconnect,
    message,
    receipt,
    error,
};

inline constexpr std::size_t command_count = 15;

enum class sender : std::uint8_t { client, server };

// Up to three names; unused places are empty.
using required_headers = std::array<std::string_view, 3>;

struct command_rule {
    stomp::command command;
    std::string_view name;  // as on the wire
    sender sent_by;
    bool may_have_body;            // binds from 1.1 on; 1.0 allows a body everywhere
    bool may_be_in_transaction;    // may carry a `transaction` header
    bool may_ask_receipt;          // every frame of a client except CONNECT
    version since;                 // the version that brought the command
    required_headers required[3];  // by version
};

// CONNECT's `host` is required by 1.1 and 1.2, but the common JavaScript clients send none; a
// missing accept-version means 1.0. So CONNECT requires nothing. STOMP came with 1.1 but is read
// before a version is known. UNSUBSCRIBE of 1.0 needs `id` or `destination`: first_missing_header()
// knows.
// clang-format off
inline constexpr command_rule command_rules[command_count] = {
    // name, sender, body, transaction, receipt, since, required in 1.0, in 1.1, in 1.2
    {command::connect, "CONNECT", sender::client, false, false, false, version::v1_0, {}},
    {command::stomp, "STOMP", sender::client, false, false, false, version::v1_0, {}},
    {command::connected, "CONNECTED", sender::server, false, false, false, version::v1_0,
     {{"session"}, {"version"}, {"version"}}},
    {command::send, "SEND", sender::client, true, true, true, version::v1_0,
     {{"destination"}, {"destination"}, {"destination"}}},
    {command::subscribe, "SUBSCRIBE", sender::client, false, false, true, version::v1_0,
     {{"destination"}, {"destination", "id"}, {"destination", "id"}}},
    {command::unsubscribe, "UNSUBSCRIBE", sender::client, false, false, true, version::v1_0,
     {{}, {"id"}, {"id"}}},
    {command::ack, "ACK", sender::client, false, true, true, version::v1_0,
     {{"message-id"}, {"message-id", "subscription"}, {"id"}}},
    {command::nack, "NACK", sender::client, false, true, true, version::v1_1,
     {{}, {"message-id", "subscription"}, {"id"}}},
    {command::begin, "BEGIN", sender::client, false, false, true, version::v1_0,
     {{"transaction"}, {"transaction"}, {"transaction"}}},
    {command::commit, "COMMIT", sender::client, false, false, true, version::v1_0,
     {{"transaction"}, {"transaction"}, {"transaction"}}},
    {command::abort, "ABORT", sender::client, false, false, true, version::v1_0,
     {{"transaction"}, {"transaction"}, {"transaction"}}},
    {command::disconnect, "DISCONNECT", sender::client, false, false, true, version::v1_0, {}},
    {command::message, "MESSAGE", sender::server, true, false, false, version::v1_0,
     {{"destination", "message-id"},
      {"destination", "message-id", "subscription"},
      {"destination", "message-id", "subscription"}}},
    {command::receipt, "RECEIPT", sender::server, false, false, false, version::v1_0,
     {{"receipt-id"}, {"receipt-id"}, {"receipt-id"}}},
    {command::error, "ERROR", sender::server, true, false, false, version::v1_0, {}},
};
// clang-format on

inline constexpr std::size_t longest_command = 11;  // UNSUBSCRIBE

constexpr command_rule const& rule_of(command c) noexcept {
    return command_rules[static_cast<std::size_t>(c)];
}

constexpr std::string_view to_string(command c) noexcept {
    return rule_of(c).name;
}

// CONNECT, STOMP and CONNECTED are neither escaped nor unescaped, in any version.
constexpr bool is_handshake(command c) noexcept {
    return c <= command::connected;
}

// Commands are case-sensitive.
std::optional<command> parse_command(std::string_view name) noexcept;

struct frame;

// The first header that `f` must have in version `v` and has not; empty if all are there. An empty
// value counts as present.
std::string_view first_missing_header(frame const& f, version v) noexcept;

}  // namespace stomp
