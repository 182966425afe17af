#include "config/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <set>
#include <string_view>

namespace config {
namespace {

class validation {
public:
    validation(settings const& all, complaints& to) : all_(all), to_(to) {}

    void run() {
        check_listeners();
        check_operations();
        check_paths();
        check_origins();
        check_proxies();
        check_sizes();
        check_storage();
    }

private:
    void refuse(std::initializer_list<std::string> paths, std::string what) {
        to_.refuse(paths, std::move(what));
    }

    void check_listeners() {
        std::set<std::string> taken;
        for (std::size_t i = 0; i < all_.listeners.size(); ++i) {
            auto const& one = all_.listeners[i];
            auto const path = fmt::format("listeners[{}]", i);
            if (one.tls_certificate.empty() != one.tls_key.empty()) {
                bool const has_key = one.tls_certificate.empty();
                refuse({path + (has_key ? ".tls_certificate" : ".tls_key"),
                        path + (has_key ? ".tls_key" : ".tls_certificate")},
                       "expected tls_certificate and tls_key together; one is missing");
            }
            if (one.address.port != 0 && !taken.insert(to_string(one.address)).second) {
                refuse({path + ".address", path},
                       fmt::format("another listener has {} already", to_string(one.address)));
            }
        }
    }

    void check_operations() {
        auto const& listen = all_.operations.listen;
        if (listen.empty()) return;
        auto const address = parse_listen_address(listen);
        if (!address) {
            return refuse({"operations.listen"},
                          fmt::format("expected a numeric address and a port, such as "
                                      "\"127.0.0.1:9464\", or nothing; got \"{}\"",
                                      listen));
        }
        bool const taken =
            address->port != 0 && std::ranges::any_of(all_.listeners, [&](auto const& other) {
                return other.address == *address;
            });
        if (taken) {
            refuse({"operations.listen"}, fmt::format("a listener has {} already", listen));
        }
    }

    static bool is_plain_path(std::string_view path) {
        return path.size() > 1 && path.front() == '/' && path.back() != '/' &&
               path.find("//") == std::string_view::npos &&
               std::ranges::all_of(path, [](unsigned char c) {
                   return std::isalnum(c) != 0 ||
                          std::string_view("/-._~").find(static_cast<char>(c)) !=
                              std::string_view::npos;
               });
    }

    void check_paths() {
        auto const check = [this](std::string const& key, std::string const& path) {
            if (!is_plain_path(path)) {
                refuse({key}, fmt::format("expected a path such as \"/ws\", without a slash at its "
                                          "end; got \"{}\"",
                                          path));
            } else if (path == "/api" || path.starts_with("/api/")) {
                refuse({key}, "expected a path outside /api, which is the REST interface");
            }
        };
        check("http.websocket_path", all_.http.websocket_path);
        check("sockjs.path", all_.sockjs.path);
        if (all_.http.websocket_path == all_.sockjs.path ||
            all_.http.websocket_path.starts_with(all_.sockjs.path + "/")) {
            refuse({"http.websocket_path", "sockjs.path"},
                   "expected another path than SockJS has, and not one below it");
        }
    }

    // As browsers write it: lower case, no path, the port only when it is not the scheme's own.
    static bool is_origin(std::string_view text) {
        auto const secure = text.starts_with("https://");
        if (!secure && !text.starts_with("http://")) return false;
        auto const authority = text.substr(secure ? 8 : 7);
        if (authority.ends_with(secure ? ":443" : ":80")) return false;
        return !authority.empty() && std::ranges::all_of(authority, [](unsigned char c) {
            return std::islower(c) != 0 || std::isdigit(c) != 0 ||
                   std::string_view("-.:[]").find(static_cast<char>(c)) != std::string_view::npos;
        });
    }

    void check_origins() {
        for (auto const& origin : all_.http.allowed_origins) {
            if (origin == "*" || is_origin(origin)) continue;
            refuse({"http.allowed_origins"},
                   fmt::format("expected \"*\" or an origin as browsers write it, such as "
                               "\"https://chat.example.org\" or \"http://localhost:5173\", in "
                               "lower case, without a path and without the scheme's own port; got "
                               "\"{}\"",
                               origin));
        }
    }

    // "192.0.2.1", "10.0.0.0/8", "fd00::/8"; the address is checked as a listener's is.
    static bool is_network(std::string_view text) {
        auto const slash = text.find('/');
        auto const host = text.substr(0, slash);
        bool const v6 = host.find(':') != std::string_view::npos;
        auto const bracketed = v6 ? fmt::format("[{}]:1", host) : fmt::format("{}:1", host);
        if (!parse_listen_address(bracketed) || host == "*" || host == "localhost") return false;
        if (slash == std::string_view::npos) return true;
        auto const digits = text.substr(slash + 1);
        unsigned bits = 0;
        auto const* const end = digits.data() + digits.size();
        auto const [rest, error] = std::from_chars(digits.data(), end, bits);
        return error == std::errc{} && rest == end && bits <= (v6 ? 128U : 32U);
    }

    void check_proxies() {
        for (auto const& proxy : all_.http.trusted_proxies) {
            if (is_network(proxy)) continue;
            refuse(
                {"http.trusted_proxies"},
                fmt::format("expected numeric addresses or networks, such as \"10.42.0.0/16\" or "
                            "\"fd00::1\"; got \"{}\"",
                            proxy));
        }
        bool const token = std::ranges::all_of(
            all_.http.client_address_header,
            [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; });
        if (!token) {
            refuse({"http.client_address_header"},
                   fmt::format("expected the name of a header; got \"{}\"",
                               all_.http.client_address_header));
        }
    }

    void check_sizes() {
        auto const& limits = all_.limits;
        auto const& frame = limits.frame;
        if (frame.max_header_line > frame.max_headers_size) {
            refuse(
                {"limits.frame.max_header_line", "limits.frame.max_headers_size"},
                fmt::format("expected at most limits.frame.max_headers_size, {}; got {}",
                            to_string(frame.max_headers_size), to_string(frame.max_header_line)));
        }
        auto const whole = byte_size{frame.max_headers_size.bytes() + frame.max_body.bytes()};
        // A frame that the limits allow must get in, and out again.
        at_least({"limits.websocket.max_message", limits.websocket.max_message}, whole);
        at_least({"limits.outbound.queue", limits.outbound.queue}, whole);
        if (limits.pre_connect.max_frame > limits.websocket.max_message) {
            refuse({"limits.pre_connect.max_frame", "limits.websocket.max_message"},
                   fmt::format("expected at most limits.websocket.max_message, {}; got {}",
                               to_string(limits.websocket.max_message),
                               to_string(limits.pre_connect.max_frame)));
        }
        if (limits.websocket.ping_interval.count() != 0 &&
            limits.websocket.ping_timeout <= limits.websocket.ping_interval) {
            refuse({"limits.websocket.ping_timeout", "limits.websocket.ping_interval"},
                   fmt::format("expected more than limits.websocket.ping_interval, {}; got {}",
                               to_string(limits.websocket.ping_interval),
                               to_string(limits.websocket.ping_timeout)));
        }
    }

    struct named_size {
        std::string key;
        byte_size value;
    };

    void at_least(named_size const& bound, byte_size whole) {
        if (bound.value >= whole) return;
        refuse(
            {bound.key, "limits.frame.max_body", "limits.frame.max_headers_size"},
            fmt::format("expected at least {} bytes, the largest frame (limits.frame.max_body and "
                        "limits.frame.max_headers_size together); got {}",
                        whole.bytes(), to_string(bound.value)));
    }

    void check_storage() {
        auto const& storage = all_.storage;
        bool const postgresql = storage.backend == storage_backend::postgresql;
        if (postgresql && storage.connection.empty()) {
            refuse({"storage.connection", "storage.backend", "storage.connection_file"},
                   "missing; the backend \"postgresql\" needs it, or storage.connection_file");
        }
        if (!postgresql && !storage.connection.empty()) {
            refuse({"storage.backend", "storage.connection", "storage.connection_file"},
                   "expected \"postgresql\", since a connection is given; got \"sqlite\"");
        }
        if (!postgresql && !storage.replica.empty()) {
            refuse({"storage.replica", "storage.backend", "storage.replica_file"},
                   "only the backend \"postgresql\" has a replica");
        }
    }

    settings const& all_;
    complaints& to_;
};

}  // namespace

complaints::complaints(places const& where, problems& wrong) : where_(where), wrong_(wrong) {
    for (auto const& one : wrong) known_wrong_.insert(one.key);
}

void complaints::refuse(std::initializer_list<std::string> paths, std::string what) {
    bool const known = std::ranges::any_of(
        paths, [this](std::string const& path) { return known_wrong_.contains(path); });
    if (known) return;
    std::string where;
    for (auto const& path : paths) {
        auto const found = where_.find(path);
        if (found == where_.end()) continue;
        where = found->second;
        break;
    }
    wrong_.push_back({std::move(where), *paths.begin(), std::move(what)});
}

void validate(settings const& all, places const& where, problems& wrong) {
    complaints to(where, wrong);
    validation(all, to).run();
    validate_access(all, to);
    validate_cluster(all, to);
    validate_discovery(all, to);
}

}  // namespace config
