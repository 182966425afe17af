#include "config/keys.hpp"

#include "config/key_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace config {

namespace table {

settings const& sample() {
    static settings const one_of_each = [] {
        settings made;
        for (auto const& array : key_arrays()) array.resize(made, 1);
        return made;
    }();
    return one_of_each;
}

std::optional<std::string> refuse(written const& from, expectation const& expected, bool secret) {
    auto const* other = std::get_if<written::unsupported>(&from.value);
    if (secret && !other) return "expected " + describe(expected);
    return fmt::format("expected {}; got {}", describe(expected), shown(from));
}

std::optional<std::string> check_readable(std::filesystem::path const& path,
                                          file_reader const& read_file) {
    auto const content = read_file(path);
    if (content) return std::nullopt;
    return fmt::format("expected the path of a readable file; {}: {}", path.string(),
                       content.error().message());
}

std::optional<std::string> read_content(written const& from, file_reader const& read_file,
                                        std::string& out) {
    expectation const expected{.type = value_type::file_content};
    std::filesystem::path path;
    if (!read_value(from, expected, path)) return refuse(from, expected, false);
    auto content = read_file(path);
    if (!content) {
        return fmt::format("expected the path of a readable file; {}: {}", path.string(),
                           content.error().message());
    }
    while (!content->empty() && (content->back() == '\n' || content->back() == '\r')) {
        content->pop_back();
    }
    if (content->empty()) return fmt::format("{} is empty", path.string());
    out = std::move(*content);
    return std::nullopt;
}

}  // namespace table

std::vector<key> const& keys() {
    static std::vector<key> const all = [] {
        std::vector<key> rows;
        table::add_node_rows(rows);
        table::add_limit_rows(rows);
        table::add_domain_rows(rows);
        table::add_cluster_rows(rows);
        table::add_discovery_rows(rows);
        return rows;
    }();
    return all;
}

std::span<key_array const> key_arrays() {
    static constexpr std::array<key_array, 3> arrays{{
        {"listeners", "Where the node listens. Without any: HTTP on 127.0.0.1:8080.",
         [](settings const& s) { return s.listeners.size(); },
         [](settings& s, std::size_t n) { s.listeners.resize(n); }},
        {"broker.access",
         "Who may use the generic topics. The first rule that covers a destination decides; what "
         "no "
         "rule covers is refused. Without any rule, the open mode allows everyone "
         "`/topic/public/**` "
         "(no wildcard subscriptions) and the mode \"required\" allows nothing; "
         "`access = []` under `[broker]` allows nothing in both. Rooms are not meant: their "
         "members "
         "decide.",
         [](settings const& s) { return s.broker.access.size(); },
         [](settings& s, std::size_t n) { s.broker.access.resize(n); }},
        {"auth.accounts", "Logins with a passcode, for CONNECT and for HTTP's Basic scheme.",
         [](settings const& s) { return s.auth.accounts.size(); },
         [](settings& s, std::size_t n) { s.auth.accounts.resize(n); }},
    }};
    return arrays;
}

std::span<key_section const> key_sections() {
    static constexpr std::array<key_section, 30> sections{{
        {"node", "The process."},
        {"listeners", ""},  // described with its array
        {"http", "The web side of the HTTP listeners."},
        {"sockjs", "SockJS, for browsers behind proxies that break WebSocket."},
        {"stomp", "The protocol."},
        {"operations", "What operators and their programs see."},
        {"console", "The operators' console; see [console.md](console.md)."},
        {"log", "What the node says of itself, on standard error."},
        {"health", "What the node tries regularly to know whether it works; see `/health/ready`."},
        {"limits.pre_connect", "What a peer gets before its CONNECT was accepted."},
        {"limits.frame", "The size of one STOMP frame, after CONNECT."},
        {"limits.session", "What one session may hold and do."},
        {"limits.outbound", "What may wait for a slow reader."},
        {"limits.websocket", "WebSocket messages and the watch over silent peers."},
        {"limits.http", "HTTP requests."},
        {"limits.rate.user",
         "How often one user may do something, on all their devices together: so many in a time, "
         "and "
         "so many at once after a rest. Callers with the role `service` have no limits. 0: no "
         "limit."},
        {"limits.rate.address",
         "The same for everybody at one address; IPv6 addresses of one /64 count as one."},
        {"limits.rate", "What happens beyond the rates."},
        {"limits.connections", "How many may be connected."},
        {"broker.access", ""},
        {"auth", "Who is who."},
        {"auth.accounts", ""},
        {"auth.jwt",
         "Tokens, for CONNECT, the WebSocket handshake and HTTP. Used when `algorithms` is not "
         "empty."},
        {"storage", "Where rooms and messages are kept."},
        {"chat", "The chat."},
        {"audit", "The log of what administrators and back ends do."},
        {"cluster",
         "A node among others. It is part of a cluster when `rabbitmq.urls` names a RabbitMQ."},
        {"rabbitmq", "What brings events from node to node, and to programs of others."},
        {"redis", "Where nodes find out which of them have somebody for an event."},
        {"eureka",
         "A Eureka server that the node registers with, when `eureka.urls` names one, so that "
         "other "
         "services find it."},
    }};
    return sections;
}

key const* find_key(std::string_view path) {
    auto const found = std::ranges::find(keys(), path, &key::path);
    return found == keys().end() ? nullptr : &*found;
}

std::string environment_name(std::string_view concrete_path) {
    std::string name = "STAMPEDE_";
    for (char c : concrete_path) {
        if (c == '.' || c == '[')
            name += "__";
        else if (c >= 'a' && c <= 'z')
            name += static_cast<char>(c - 'a' + 'A');
        else if (c != ']')
            name += c;
    }
    return name;
}

}  // namespace config
