#include "node/health/canaries.hpp"
#include "node/settings_mapping.hpp"
#include "tests/node/read_settings.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

// As settings_mapping_test.cpp: who may come in, the database, other servers, and the chat.

using namespace std::chrono_literals;
using node_test::names;
using node_test::read;

TEST_CASE("who may come in") {
    auto const text = R"(
[auth]
mode = "required"
workers = 31
max_waiting = 32
cache_ttl = "1001 ms"
cache_entries = 33

[[auth.accounts]]
login = "a"
passcode_hash = "$argon2id$v=19$m=19456,t=2,p=1$a8Q+HL+2sxbB/xZOVAr58Q$g6DLSs/VODYcDlznHs34vVhrIFCwv06SEzG8xSimpqo"
user_id = 34
roles = ["x", "y"]

[[auth.accounts]]
login = "b"
passcode_hash = "$argon2id$v=19$m=19456,t=3,p=1$a8Q+HL+2sxbB/xZOVAr58Q$g6DLSs/VODYcDlznHs34vVhrIFCwv06SEzG8xSimpqo"

[auth.jwt]
algorithms = ["ES256", "HS256", "RS256"]
secret = "0123456789012345678901234567890123456789"
public_key_file = "/public"
jwks_url = "https://keys.example/jwks"
jwks_refresh = "12 s"
issuer = "https://issuer.example"
audience = ["one", "two"]
leeway = "1002 ms"
user_id_claim = "own-user"
roles_claim = "own-roles"
)";
    auto const given = read(text, {{"/public", "the key"}});
    auto const got = node::auth_options_of(given.auth);
    CHECK_FALSE(got.open);
    CHECK(got.passcodes.workers == 31);
    CHECK(got.passcodes.max_waiting == 32);
    CHECK(got.passcodes.cache_ttl == 1001ms);
    CHECK(got.passcodes.cache_entries == 33);
    REQUIRE(got.accounts.size() == 2);
    CHECK(got.accounts[0].login == "a");
    CHECK(got.accounts[0].passcode_hash == given.auth.accounts[0].passcode_hash);
    CHECK(got.accounts[0].user_id == 34);
    CHECK(got.accounts[0].roles == names{"x", "y"});
    CHECK(got.accounts[1].login == "b");
    CHECK(got.accounts[1].passcode_hash.find("t=3") != std::string::npos);
    CHECK_FALSE(got.accounts[1].user_id);
    REQUIRE(got.jwt);
    auto const& jwt = *got.jwt;
    using enum broker::auth::jwt_algorithm;
    CHECK(jwt.algorithms == std::vector{es256, hs256, rs256});
    CHECK(jwt.secret == "0123456789012345678901234567890123456789");
    CHECK(jwt.public_key_pem == "the key");
    CHECK(jwt.jwks_location == "https://keys.example/jwks");
    CHECK(jwt.jwks_refresh == 12s);
    CHECK(jwt.issuer == "https://issuer.example");
    CHECK(jwt.audience == names{"one", "two"});
    CHECK(jwt.leeway == 1002ms);
    CHECK(jwt.user_id_claim == "own-user");
    CHECK(jwt.roles_claim == "own-roles");

    auto const open = node::auth_options_of(read("").auth);
    CHECK(open.open);
    CHECK_FALSE(open.jwt);
    auto const by_file = node::auth_options_of(
        read("[auth.jwt]\nalgorithms = [\"RS256\"]\njwks_file = \"/keys\"\n", {{"/keys", "{}"}})
            .auth);
    REQUIRE(by_file.jwt);
    CHECK(by_file.jwt->jwks_location == "/keys");
}

TEST_CASE("who may use which topic") {
    auto const got = node::access_rules_of(
        read("[[broker.access]]\ndestination = \"/topic/a/**\"\nsend = [\"user:s\"]\n"
             "subscribe = [\"user:r\"]\nsubscribe_wildcard = [\"user:w\"]\n"
             "[[broker.access]]\ndestination = \"/topic/b\"\n")
            .broker);
    REQUIRE(got.size() == 2);
    CHECK(got[0].destination == "/topic/a/**");
    CHECK(got[0].send == names{"user:s"});
    CHECK(got[0].subscribe == names{"user:r"});
    CHECK(got[0].subscribe_wildcard == names{"user:w"});
    CHECK(got[1].destination == "/topic/b");
    CHECK(got[1].send.empty());
}

TEST_CASE("the database") {
    std::string const numbers =
        "threads = 41\nmax_waiting_jobs = 42\nmax_batch = 43\nmax_waiting_messages = 44\n"
        "max_waiting_size = 70045\nconnect_timeout = \"1001 ms\"\nstatement_timeout = \"1002 ms\"\n"
        "wait_timeout = \"1003 ms\"\n";
    auto const got = node::storage_options_of(
        read("[storage]\nbackend = \"postgresql\"\nconnection = \"postgresql://main\"\n"
             "replica = \"postgresql://replica\"\n" +
             numbers));
    CHECK(got.kind == persistence::backend::postgresql);
    CHECK(got.location == "postgresql://main");
    CHECK(got.replica == "postgresql://replica");
    CHECK(got.threads == 41);
    CHECK(got.waiting_jobs == 42);
    CHECK(got.batch_count == 43);
    CHECK(got.queue_count == 44);
    CHECK(got.queue_bytes == 70045);
    CHECK(got.connect_timeout == 1001ms);
    CHECK(got.statement_timeout == 1002ms);
    CHECK(got.wait_timeout == 1003ms);
    CHECK_FALSE(got.outbox);

    auto const embedded = node::storage_options_of(read("[storage]\npath = \"/d/own.db\"\n"));
    CHECK(embedded.kind == persistence::backend::sqlite);
    CHECK(embedded.location == "/d/own.db");
    CHECK(embedded.replica.empty());
    CHECK(node::storage_options_of(read("[node]\ndata_directory = \"/d\"\n")).location ==
          "/d/stampede.db");
}

TEST_CASE("the neighbours") {
    auto const given = read(R"(
[storage]
backend = "postgresql"
connection = "postgresql://main"

[cluster]
node_id = "one"
internal_listener = "127.0.0.4:71"
secret = "0123456789abcdef"

[rabbitmq]
urls = ["amqp://one", "amqp://two"]
password = "of rabbitmq"
connect_timeout = "1001 ms"
heart_beat = "2001 ms"
confirm_window = 51
max_waiting_size = 2000052
sender_pace_above = 70053

[redis]
urls = ["redis://one"]
password = "of redis"
timeout = "1004 ms"
lease = "9005 ms"

[console]
node_timeout = "606 ms"
)");
    CHECK(node::storage_options_of(given).outbox);
    CHECK(node::sockjs_options_of(given).forwarding.secret == "0123456789abcdef");

    auto const listener = node::internal_listener_options_of(given.cluster);
    CHECK(listener.address == "127.0.0.4");
    CHECK(listener.port == 71);
    CHECK(listener.open_until_stop);
    CHECK_FALSE(listener.tls);

    auto const rabbitmq = node::rabbitmq_options_of(given.rabbitmq);
    CHECK(rabbitmq.urls == names{"amqp://one", "amqp://two"});
    CHECK(rabbitmq.password == "of rabbitmq");
    CHECK(rabbitmq.connect_timeout == 1001ms);
    CHECK(rabbitmq.heart_beat == 3s);
    CHECK(rabbitmq.confirm_window == 51);
    CHECK(rabbitmq.waiting_bytes == 2000052);
    CHECK(rabbitmq.backlog_bytes == 70053);

    auto const redis = node::redis_options_of(given.redis);
    CHECK(redis.addresses == names{"redis://one"});
    CHECK(redis.sentinels.empty());
    CHECK(redis.password == "of redis");
    CHECK(redis.connect_timeout == 1004ms);
    CHECK(redis.command_timeout == 1004ms);
    CHECK(redis.lease == 9005ms);

    auto const console = node::console_options_of(given);
    CHECK(console.node_timeout == 606ms);
    CHECK(console.forwarding.secret == "0123456789abcdef");
    CHECK(console.forwarding.connect_timeout == 606ms);
}

TEST_CASE("Sentinels") {
    config::redis_settings given;
    given.sentinels = {"one", "two"};
    given.sentinel_master = "own";
    auto const got = node::redis_options_of(given);
    CHECK(got.addresses.empty());
    CHECK(got.sentinels == names{"one", "two"});
    CHECK(got.master_name == "own");
}

TEST_CASE("the chat, and health") {
    auto const given = read(R"(
[chat]
max_content_length = 61

[health]
canary_interval = "1001 ms"
canary_timeout = "1002 ms"
loop_timeout = "1003 ms"
startup_patience = "1004 ms"
)");
    CHECK(node::chat_options_of(given.chat).max_content_length == 61);
    auto const health = node::health::monitor_options_of(given.health);
    CHECK(health.links.interval == 1001ms);
    CHECK(health.links.timeout == 1002ms);
    CHECK(health.links.patience == 1004ms);
    CHECK(health.loops.interval == 1001ms);
    CHECK(health.loops.timeout == 1003ms);
    CHECK(health.loops.patience == 1004ms);
}
