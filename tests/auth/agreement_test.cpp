#include "broker/auth/access_rules.hpp"
#include "broker/auth/passcode_hash.hpp"
#include "broker/routing/destination.hpp"
#include "config/load.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

// The configuration says where a rule or a hash is wrong; the engine is what uses them. They live
// apart and must not disagree.

namespace {

bool config_accepts(std::string const& text) {
    return config::load({.file = "x.toml",
                         .read_file = [&](auto const&) -> boost::system::result<std::string> {
                             return text;
                         }})
        .ok();
}

bool engine_accepts(broker::auth::access_rule rule) {
    try {
        broker::auth::rule_authorizer const made({std::move(rule)});
        return true;
    } catch (std::invalid_argument const&) {
        return false;
    }
}

}  // namespace

TEST_CASE("configuration and authorizer agree on destinations") {
    auto const deep = [](std::size_t levels) {
        std::string out = "/topic";
        for (std::size_t i = 1; i < levels; ++i) out += "/a";
        return out;
    };
    for (auto const& destination :
         {std::string("/topic"),
          std::string("/topic/"),
          std::string("/topic/a"),
          std::string("/topic/*"),
          std::string("/topic/**"),
          std::string("/topic/#"),
          std::string("/topic/a/*/b"),
          std::string("/topic/a/**/b"),
          std::string("/topic/#/b"),
          std::string("/topic/a*"),
          std::string("/topic/***"),
          std::string("/topic//a"),
          std::string("/topic/a/"),
          std::string("/topicx/a"),
          std::string("/queue/a"),
          std::string("/app/a"),
          std::string("/user/queue/a"),
          std::string("topic/a"),
          std::string("/topic/한국/방"),
          std::string("/topic/a b"),
          deep(broker::max_destination_levels),
          deep(broker::max_destination_levels + 1),
          "/topic/" + std::string(broker::max_destination_bytes - 7, 'a'),
          "/topic/" + std::string(broker::max_destination_bytes - 6, 'a')}) {
        CAPTURE(destination);
        CHECK(config_accepts("[[broker.access]]\ndestination = '" + destination + "'\n") ==
              engine_accepts({destination, {}, {}, {}}));
    }
}

TEST_CASE("configuration and authorizer agree on whom a rule may name") {
    for (auto const* who : {"*", "authenticated", "role:x", "user:y", "role:a b", "user:1:2", "",
                            "role:", "user:", "role", "Role:x", "everyone", "**"}) {
        CAPTURE(who);
        CHECK(config_accepts("[[broker.access]]\ndestination = '/topic/a'\nsend = ['" +
                             std::string(who) + "']\n") ==
              engine_accepts({"/topic/a", {who}, {}, {}}));
    }
}

TEST_CASE("configuration and passcode checks agree on hashes") {
    using broker::auth::cost_of;
    std::string const salt = "$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    for (auto const& hash :
         {broker::auth::hash_passcode("x", {64, 1, 1}), "$argon2id$v=19$m=64,t=1,p=1" + salt,
          "$argon2i$v=19$m=64,t=1,p=1" + salt, "$argon2id$v=16$m=64,t=1,p=1" + salt,
          "$argon2id$v=19$m=7,t=1,p=1" + salt, "$argon2id$v=19$m=8,t=1,p=1" + salt,
          "$argon2id$v=19$m=15,t=1,p=2" + salt, "$argon2id$v=19$m=1048576,t=16,p=16" + salt,
          "$argon2id$v=19$m=1048577,t=1,p=1" + salt, "$argon2id$v=19$m=64,t=17,p=1" + salt,
          "$argon2id$v=19$m=64,t=1,p=17" + salt, "$argon2id$v=19$m=64,t=0,p=1" + salt,
          "$argon2id$v=19$m=64,t=1,p=1" + salt + "$", std::string("guest")}) {
        CAPTURE(hash);
        CHECK(config_accepts("[[auth.accounts]]\nlogin = 'a'\npasscode_hash = '" + hash + "'\n") ==
              cost_of(hash).has_value());
    }
}
