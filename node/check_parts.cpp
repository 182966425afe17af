#include "node/check_parts.hpp"

#include "broker/auth/access_rules.hpp"
#include "broker/auth/node_authenticator.hpp"
#include "broker/tls/server_check.hpp"
#include "broker/transport/tls_context.hpp"
#include "node/discovery/discover.hpp"
#include "node/settings_mapping.hpp"

#include <exception>
#include <string>

namespace node {

config::problems wrong_in_parts(config::settings const& from) {
    config::problems wrong;
    auto const attempt = [&wrong](std::string key, auto const& work) {
        try {
            work();
        } catch (std::exception const& error) {
            wrong.push_back({"", std::move(key), error.what()});
        }
    };
    attempt("", [&] { broker::auth::check_options(auth_options_of(from.auth)); });
    attempt("broker.access", [&] { broker::auth::rule_authorizer{access_rules_of(from.broker)}; });
    attempt("eureka.urls", [&] { discovery::eureka_options_of(from.eureka); });
    attempt("rabbitmq.ca_file",
            [&] { broker::tls::check_authorities(from.rabbitmq.ca_file.string()); });
    attempt("redis.ca_file", [&] { broker::tls::check_authorities(from.redis.ca_file.string()); });
    for (std::size_t i = 0; i < from.listeners.size(); ++i) {
        auto const& listener = from.listeners[i];
        if (!listener.tls()) continue;
        attempt("listeners[" + std::to_string(i) + "]", [&] {
            broker::transport::tls_context{{listener.tls_certificate, listener.tls_key}};
        });
    }
    return wrong;
}

}  // namespace node
