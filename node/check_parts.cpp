#include "node/check_parts.hpp"

#include "broker/auth/access_rules.hpp"
#include "broker/auth/jwt/jwks_location.hpp"
#include "broker/auth/jwt/key_set.hpp"
#include "broker/auth/node_authenticator.hpp"
#include "broker/registry/redis/address.hpp"
#include "broker/tls/server_check.hpp"
#include "broker/transport/tls_context.hpp"
#include "config/value.hpp"
#include "node/discovery/discover.hpp"
#include "node/settings_mapping.hpp"
#include "persistence/describe_postgres.hpp"
#include "rabbitmq/broker_address.hpp"

#include <exception>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace node {
namespace {

void check_key_set(std::filesystem::path const& file) {
    auto const text = config::read_whole_file(file);
    if (!text) throw std::invalid_argument(file.string() + ": " + text.error().message());
    if (text->size() <= broker::auth::max_key_set_bytes && broker::auth::parse_key_set(*text))
        return;
    throw std::invalid_argument(file.string() +
                                " is no JSON Web Key Set with a key for RS256 or ES256");
}

}  // namespace

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
    if (auto const& url = from.auth.jwt.jwks_url; !url.empty()) {
        attempt("auth.jwt.jwks_url", [&] { broker::auth::check_address(url); });
    }
    if (auto const& file = from.auth.jwt.jwks_file; !file.empty()) {
        attempt("auth.jwt.jwks_file", [&] { check_key_set(file); });
    }
    if (from.storage.backend == config::storage_backend::postgresql) {
        attempt("storage.connection",
                [&] { persistence::describe_postgres(from.storage.connection); });
        if (auto const& replica = from.storage.replica; !replica.empty())
            attempt("storage.replica", [&] { persistence::describe_postgres(replica); });
    }
    for (auto const& url : from.rabbitmq.urls) {
        attempt("rabbitmq.urls", [&] { rabbitmq::parse_address(url, from.rabbitmq.password); });
    }
    for (auto const& url : from.redis.urls) {
        attempt("redis.urls", [&] { broker::redis::parse_url(url); });
    }
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
