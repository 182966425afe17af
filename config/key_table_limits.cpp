#include "config/key_table.hpp"
#include "config/key_table_units.hpp"

// The rows of the section limits.

namespace config::table {

void add_limit_rows(std::vector<key>& to) {
    auto add = [&to](key row) { to.push_back(std::move(row)); };

    add(row("limits.pre_connect.deadline", STAMPEDE_MEMBER(limits.pre_connect.deadline),
            "A peer whose CONNECT has not been accepted after so long is closed.",
            {.range = {100, 10 * minute}}));
    add(row("limits.pre_connect.max_frame", STAMPEDE_MEMBER(limits.pre_connect.max_frame),
            "The largest CONNECT frame. Tokens are in its headers.", {.range = {kib, mib}}));
    add(row("limits.pre_connect.max_headers", STAMPEDE_MEMBER(limits.pre_connect.max_headers),
            "The most headers of a CONNECT frame.", {.range = {8, 1000}}));

    add(row("limits.frame.max_headers", STAMPEDE_MEMBER(limits.frame.max_headers),
            "The most headers of a frame.", {.range = {8, 10'000}}));
    add(row("limits.frame.max_header_line", STAMPEDE_MEMBER(limits.frame.max_header_line),
            "The longest header, name and value together.", {.range = {256, mib}}));
    add(row("limits.frame.max_headers_size", STAMPEDE_MEMBER(limits.frame.max_headers_size),
            "All headers of a frame together.", {.range = {kib, 16 * mib}}));
    add(row("limits.frame.max_body", STAMPEDE_MEMBER(limits.frame.max_body),
            "The largest body. Above it the client gets an ERROR that names the limit.",
            {.range = {kib, gib}}));

    add(row("limits.session.max_subscriptions", STAMPEDE_MEMBER(limits.session.max_subscriptions),
            "Subscriptions of one session.", {.range = {1, 1'000'000}}));
    add(row("limits.session.max_pending_acks", STAMPEDE_MEMBER(limits.session.max_pending_acks),
            "Messages delivered to a session and not yet acknowledged, in the ack modes client and "
            "client-individual. Above it the session is closed with the reason slow_consumer.",
            {.range = {1, 10'000'000}}));
    add(row("limits.session.max_delivery_attempts",
            STAMPEDE_MEMBER(limits.session.max_delivery_attempts),
            "How often a message that the client answers with NACK is delivered before it is given "
            "up.",
            {.range = {1, 1000}}));
    add(row("limits.session.max_transactions", STAMPEDE_MEMBER(limits.session.max_transactions),
            "Open transactions of one session.", {.range = {0, 10'000}}));
    add(row("limits.session.max_transaction_frames",
            STAMPEDE_MEMBER(limits.session.max_transaction_frames), "Frames in one transaction.",
            {.range = {1, 1'000'000}}));
    add(row("limits.session.max_transaction_size",
            STAMPEDE_MEMBER(limits.session.max_transaction_size),
            "Bytes of one transaction, headers and bodies.", {.range = {kib, gib}}));
    add(row("limits.session.max_app_sends_in_flight",
            STAMPEDE_MEMBER(limits.session.max_app_sends_in_flight),
            "SENDs to /app of one session under way at a time; above it the node stops reading "
            "from the client until some are done.",
            {.range = {1, 100'000}}));

    add(row(
        "limits.outbound.queue", STAMPEDE_MEMBER(limits.outbound.queue),
        "Bytes that may wait for one slow reader, beside at most 128 KiB in its socket. Above it, "
        "typing and presence events are dropped first, then the session is closed with the "
        "reason slow_consumer.",
        {.range = {16 * kib, gib}}));

    add(row("limits.websocket.max_message", STAMPEDE_MEMBER(limits.websocket.max_message),
            "The largest WebSocket message of a client, after decompression. At least "
            "limits.frame.max_body and limits.frame.max_headers_size together, since clients send "
            "a frame as one message.",
            {.range = {kib, 2 * gib}}));
    add(row("limits.websocket.permessage_deflate",
            STAMPEDE_MEMBER(limits.websocket.permessage_deflate),
            "Whether clients that offer compression (RFC 7692) get it, without context takeover. "
            "It costs processor time and memory."));
    add(row("limits.websocket.deflate_threshold",
            STAMPEDE_MEMBER(limits.websocket.deflate_threshold),
            "Smaller messages go uncompressed.", {.range = {0, gib}}));
    add(row("limits.websocket.ping_interval", STAMPEDE_MEMBER(limits.websocket.ping_interval),
            "A ping after so long a silence in either direction, whatever heart-beats were agreed "
            "on; 0 "
            "for none.",
            {.range = {0, hour}}));
    add(row("limits.websocket.ping_timeout", STAMPEDE_MEMBER(limits.websocket.ping_timeout),
            "A peer that let nothing at all be heard for so long is closed. Longer than "
            "ping_interval.",
            {.range = {second, 24 * hour}}));

    add(row("limits.http.max_header", STAMPEDE_MEMBER(limits.http.max_header),
            "The request line and the headers of a request together.", {.range = {kib, mib}}));
    add(row("limits.http.max_body", STAMPEDE_MEMBER(limits.http.max_body),
            "The largest body of a request.", {.range = {kib, gib}}));
    add(row("limits.http.request_timeout", STAMPEDE_MEMBER(limits.http.request_timeout),
            "How long a request may take to arrive whole.", {.range = {second, hour}}));
    add(row("limits.http.idle_timeout", STAMPEDE_MEMBER(limits.http.idle_timeout),
            "How long a connection may stay open without a request.", {.range = {second, hour}}));

    auto rates = [&add](std::string_view path, auto member, std::string_view burst_path,
                        auto burst_member, std::string_view doc, std::string_view burst_doc) {
        add(row(path, member, doc, {.reloads = reload::value}));
        add(row(burst_path, burst_member, burst_doc,
                {.range = {1, 100'000'000}, .reloads = reload::value}));
    };
    rates("limits.rate.user.send", STAMPEDE_MEMBER(limits.rate.user.send),
          "limits.rate.user.send_burst", STAMPEDE_MEMBER(limits.rate.user.send_burst),
          "SEND frames of one user on this node. Beyond it the node stops reading from the session "
          "for a while.",
          "How many at once, after a rest.");
    rates(
        "limits.rate.user.subscribe", STAMPEDE_MEMBER(limits.rate.user.subscribe),
        "limits.rate.user.subscribe_burst", STAMPEDE_MEMBER(limits.rate.user.subscribe_burst),
        "SUBSCRIBE frames of one user on this node. Beyond it the node stops reading from the "
        "session for a while.",
        "How many at once, after a rest: a client that comes back subscribes to everything again.");
    rates("limits.rate.user.connect", STAMPEDE_MEMBER(limits.rate.user.connect),
          "limits.rate.user.connect_burst", STAMPEDE_MEMBER(limits.rate.user.connect_burst),
          "Sessions that begin of one user on this node: beyond it an ERROR with the code "
          "rate_limited.",
          "How many at once, after a rest.");
    rates("limits.rate.user.request", STAMPEDE_MEMBER(limits.rate.user.request),
          "limits.rate.user.request_burst", STAMPEDE_MEMBER(limits.rate.user.request_burst),
          "REST requests of one user on this node: beyond it 429 with Retry-After.",
          "How many at once, after a rest.");
    rates("limits.rate.address.send", STAMPEDE_MEMBER(limits.rate.address.send),
          "limits.rate.address.send_burst", STAMPEDE_MEMBER(limits.rate.address.send_burst),
          "SEND frames of one address on this node. Beyond it the node stops reading from the "
          "session for a while.",
          "How many at once, after a rest.");
    rates(
        "limits.rate.address.subscribe", STAMPEDE_MEMBER(limits.rate.address.subscribe),
        "limits.rate.address.subscribe_burst", STAMPEDE_MEMBER(limits.rate.address.subscribe_burst),
        "SUBSCRIBE frames of one address on this node. Beyond it the node stops reading from the "
        "session for a while.",
        "How many at once, after a rest: a client that comes back subscribes to everything again.");
    rates("limits.rate.address.connect", STAMPEDE_MEMBER(limits.rate.address.connect),
          "limits.rate.address.connect_burst", STAMPEDE_MEMBER(limits.rate.address.connect_burst),
          "Sessions that begin of one address on this node: beyond it 429, or over TCP an ERROR "
          "with the code rate_limited.",
          "How many at once, after a rest: a network that comes back brings all its clients.");
    rates("limits.rate.address.request", STAMPEDE_MEMBER(limits.rate.address.request),
          "limits.rate.address.request_burst", STAMPEDE_MEMBER(limits.rate.address.request_burst),
          "REST requests of one address on this node: beyond it 429 with Retry-After.",
          "How many at once, after a rest.");
    rates("limits.rate.address.failed_login", STAMPEDE_MEMBER(limits.rate.address.failed_login),
          "limits.rate.address.failed_login_burst",
          STAMPEDE_MEMBER(limits.rate.address.failed_login_burst),
          "Wrong credentials of one address on this node: beyond it credentials of that address "
          "are refused without a look, with 429 or the code rate_limited.",
          "How many at once, after a rest.");
    add(row("limits.rate.longest_wait", STAMPEDE_MEMBER(limits.rate.longest_wait),
            "How long a session may be left unread for SEND and SUBSCRIBE beyond their rates. What "
            "comes when it would be longer, as from a great many sessions of one user, is refused "
            "with an ERROR with the code rate_limited, and its session ends.",
            {.range = {100, minute}, .reloads = reload::value}));

    add(row("limits.connections.per_node", STAMPEDE_MEMBER(limits.connections.per_node),
            "Sockets of all listeners together; above it HTTP gets 503. 0: as many as the limit of "
            "open files allows, less 400 for operators and the node itself; never more than that.",
            {.reloads = reload::value}));
    add(row("limits.connections.per_address", STAMPEDE_MEMBER(limits.connections.per_address),
            "Sockets of one address; above it HTTP gets 429. Those of http.trusted_proxies are not "
            "counted. 0: no limit.",
            {.reloads = reload::value}));
    add(row("limits.connections.sessions_per_address",
            STAMPEDE_MEMBER(limits.connections.sessions_per_address),
            "Sessions of one address, behind trusted proxies too; above it HTTP gets 429, SockJS "
            "503. 0: no limit.",
            {.reloads = reload::value}));
    add(row("limits.connections.sessions_per_user",
            STAMPEDE_MEMBER(limits.connections.sessions_per_user),
            "Sessions of one user on this node; above it CONNECT gets an ERROR with the code "
            "too_many_sessions. 0: no limit.",
            {.reloads = reload::value}));
}

}  // namespace config::table
