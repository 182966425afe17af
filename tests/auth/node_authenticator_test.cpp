#include "broker/auth/node_authenticator.hpp"
#include "broker/auth/jwt/base64url.hpp"
#include "broker/auth/passcode_hash.hpp"
#include "support/jwks_server.hpp"
#include "support/queue_executor.hpp"
#include "support/signing.hpp"

#include <doctest/doctest.h>

#include <optional>

using namespace broker;
using namespace broker::auth;
using namespace std::chrono_literals;

namespace {

std::string const token_secret = "0123456789abcdef0123456789abcdef";
wall_time const moment{std::chrono::seconds(1'700'000'000)};

std::string token(std::string_view name = "alice") {
    return signing::hs256_token(
        token_secret, R"({"sub":")" + std::string(name) + R"(","exp":1700000600,"userId":42})");
}

std::string basic(std::string_view text) {
    static constexpr std::string_view from = "-_";
    auto out = encode_base64url(text);
    for (char& c : out) c = c == from[0] ? '+' : c == from[1] ? '/' : c;
    while (out.size() % 4 != 0) out += '=';
    return "Basic " + out;
}

auth_options accounts_and_tokens(bool open) {
    auth_options options{.open = open};
    options.accounts = {{"guest", hash_passcode("guest", {64, 1, 1}), {}, {}}};
    options.jwt = jwt_options{.algorithms = {jwt_algorithm::hs256}, .secret = token_secret};
    options.now = [] { return moment; };
    return options;
}

// "alice", "believed alice", "anonymous", or the code of the refusal.
std::string ask(node_authenticator& node, credentials const& offered) {
    queue_executor home;
    std::optional<auth_outcome> got;
    node.authenticate(offered, home, [&](auth_outcome out) { got = std::move(out); });
    if (!got) home.run_one();
    REQUIRE(got);
    if (auto const* refusal = std::get_if<auth_refusal>(&*got)) return refusal->code;
    auto const& who = *std::get<principal_ptr>(*got);
    if (who.anonymous()) return "anonymous";
    return (who.unverified ? "believed " : "") + who.name;
}

std::string ask(auth_options options, credentials const& offered) {
    node_authenticator node(std::move(options));
    return ask(node, offered);
}

}  // namespace

TEST_CASE("where credentials are required, an account or a token is needed") {
    node_authenticator node(accounts_and_tokens(false));
    CHECK(ask(node, {}) == "credentials_missing");
    CHECK(ask(node, {.login = "", .passcode = ""}) == "credentials_missing");
    CHECK(ask(node, {.login = "guest"}) == "bad_credentials");
    CHECK(ask(node, {.login = "guest", .passcode = "guest"}) == "guest");
    CHECK(ask(node, {.login = "guest", .passcode = "wrong"}) == "bad_credentials");
    CHECK(ask(node, {.login = "nobody", .passcode = "guest"}) == "bad_credentials");
    CHECK(ask(node, {.authorization = "Bearer " + token()}) == "alice");
    CHECK(ask(node, {.authorization = "bearer   " + token()}) == "alice");
    CHECK(ask(node, {.authorization = "Bearer x"}) == "token_invalid");
    CHECK(ask(node, {.authorization = "Bearer"}) == "token_invalid");
    CHECK(ask(node, {.authorization = basic("guest:guest")}) == "guest");
    CHECK(ask(node, {.authorization = basic("guest:wrong")}) == "bad_credentials");
    CHECK(ask(node, {.authorization = "Digest x"}) == "bad_credentials");
    CHECK(ask(node, {.authorization = ""}) == "bad_credentials");
    CHECK(ask(node, {.authorization = "Basic !"}) == "bad_credentials");
    CHECK(ask(node, {.authorization = basic("guest")}) == "bad_credentials");
}

TEST_CASE("a token may come as the passcode, whatever the login says") {
    node_authenticator node(accounts_and_tokens(false));
    CHECK(ask(node, {.login = "ignored", .passcode = token()}) == "alice");
    CHECK(ask(node, {.passcode = token()}) == "alice");
    CHECK(ask(node, {.authorization = basic("x:" + token())}) == "alice");
    CHECK(ask(node, {.login = "guest", .passcode = token() + "x"}) == "token_invalid");
}

TEST_CASE("a token in Authorization comes before login and passcode") {
    node_authenticator node(accounts_and_tokens(false));
    CHECK(
        ask(node, {.login = "guest", .passcode = "guest", .authorization = "Bearer " + token()}) ==
        "alice");
    CHECK(ask(node, {.login = "guest", .passcode = "guest", .authorization = "Bearer x"}) ==
          "token_invalid");
}

TEST_CASE("where tokens are not configured they are refused, and a passcode is a passcode") {
    auto options = accounts_and_tokens(false);
    options.jwt.reset();
    options.accounts.push_back({"odd", hash_passcode(token(), {64, 1, 1}), {}, {}});
    node_authenticator node(std::move(options));
    CHECK(ask(node, {.authorization = "Bearer " + token()}) == "token_invalid");
    CHECK(ask(node, {.login = "guest", .passcode = token()}) == "bad_credentials");
    CHECK(ask(node, {.login = "odd", .passcode = token()}) == "odd");
}

TEST_CASE("where there are no accounts every login is refused") {
    auto options = accounts_and_tokens(false);
    options.accounts.clear();
    CHECK(ask(std::move(options), {.login = "guest", .passcode = "guest"}) == "bad_credentials");
}

TEST_CASE("in open mode everyone is believed who says nothing that could be checked") {
    node_authenticator node({.open = true});
    CHECK(ask(node, {}) == "anonymous");
    CHECK(ask(node, {.login = "", .passcode = ""}) == "anonymous");
    CHECK(ask(node, {.login = "bob"}) == "believed bob");
    CHECK(ask(node, {.login = "bob", .passcode = "anything"}) == "believed bob");
    CHECK(ask(node, {.authorization = basic("bob:anything")}) == "believed bob");
    CHECK(ask(node, {.authorization = basic(":")}) == "anonymous");
    CHECK(ask(node, {.authorization = "Bearer " + token()}) == "anonymous");
    CHECK(ask(node, {.login = "bob", .authorization = "Bearer " + token()}) == "believed bob");
    CHECK(ask(node, {.authorization = "Digest x"}) == "bad_credentials");
}

TEST_CASE("in open mode what can be checked is checked") {
    node_authenticator node(accounts_and_tokens(true));
    CHECK(ask(node, {}) == "anonymous");
    CHECK(ask(node, {.login = "bob", .passcode = "x"}) == "believed bob");
    CHECK(ask(node, {.login = "guest", .passcode = "guest"}) == "guest");
    CHECK(ask(node, {.login = "guest", .passcode = "wrong"}) == "bad_credentials");
    CHECK(ask(node, {.login = "guest"}) == "bad_credentials");
    CHECK(ask(node, {.authorization = "Bearer " + token()}) == "alice");
    CHECK(ask(node, {.login = "bob", .passcode = token() + "x"}) == "token_invalid");
}

TEST_CASE("a believed login that is a number names the chat user, and no login may hold controls") {
    node_authenticator node({.open = true});
    queue_executor home;
    node.authenticate({.login = "42"}, home, [](auth_outcome const& outcome) {
        auto const& who = *std::get<principal_ptr>(outcome);
        CHECK(who.user_id == 42);
        CHECK(who.unverified);
        CHECK(who.roles.empty());
    });
    node.authenticate({.login = "042"}, home, [](auth_outcome const& outcome) {
        CHECK_FALSE(std::get<principal_ptr>(outcome)->user_id);
    });
    CHECK(ask(node, {.login = "a\nb"}) == "bad_credentials");
    CHECK(ask(node, {.login = std::string(256, 'a')}) == "bad_credentials");
    CHECK(ask(node, {.login = "\xff"}) == "bad_credentials");
    CHECK(ask(node, {.login = "홍길동"}) == "believed 홍길동");
}

TEST_CASE("refusals never repeat what was offered") {
    node_authenticator node(accounts_and_tokens(false));
    queue_executor home;
    auto const check = [&](credentials const& offered, std::string_view secret_part) {
        bool answered = false;
        node.authenticate(offered, home, [&](auth_outcome const& outcome) {
            answered = true;
            CHECK(std::get<auth_refusal>(outcome).reason.find(secret_part) == std::string::npos);
        });
        if (!answered) home.run_one();
    };
    check({.login = "guest", .passcode = "hunter2"}, "hunter2");
    check({.authorization = "Bearer hunter2"}, "hunter2");
    check({.authorization = "Hunter2 x"}, "unter2");
}

TEST_CASE("a token with a new key waits for the set that has it") {
    auto const old_key = signing::make_p256_key();
    auto const new_key = signing::make_p256_key();
    auto const claims = R"({"sub":"alice","exp":1700000600})";
    jwks_server server(signing::key_set(signing::jwk(old_key, "old")));
    auth_options options;
    options.now = [] { return moment; };
    options.jwt = jwt_options{.algorithms = {jwt_algorithm::es256},
                              .jwks_location = server.address(),
                              .jwks_min_gap = 0ms};
    node_authenticator node(std::move(options));
    // Right after the start: waits for the first fetch.
    CHECK(ask(node, {.passcode = signing::es256_token(old_key, claims, "old")}) == "alice");

    auto const rotated = signing::es256_token(new_key, claims, "new");
    CHECK(ask(node, {.passcode = rotated}) == "token_invalid");
    server.answer(signing::key_set(signing::jwk(new_key, "new")));
    CHECK(ask(node, {.passcode = rotated}) == "alice");
    CHECK(ask(node, {.passcode = signing::es256_token(old_key, claims, "old")}) == "token_invalid");
}

TEST_CASE("while there has never been a key set, tokens are refused as unavailable") {
    jwks_server server("not a key set");
    auth_options options;
    options.jwt =
        jwt_options{.algorithms = {jwt_algorithm::es256}, .jwks_location = server.address()};
    node_authenticator node(std::move(options));
    auto const text =
        signing::es256_token(signing::make_p256_key(), R"({"sub":"a","exp":1700000600})", "k");
    CHECK(ask(node, {.passcode = text}) == "auth_unavailable");
    CHECK(ask(node, {.passcode = text}) == "auth_unavailable");
}
