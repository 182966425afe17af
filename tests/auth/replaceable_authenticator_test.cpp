#include "broker/auth/replaceable_authenticator.hpp"
#include "broker/auth/passcode_hash.hpp"
#include "support/jwks_server.hpp"
#include "support/queue_executor.hpp"
#include "support/signing.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

using namespace broker;
using namespace broker::auth;

namespace {

auth_options only(std::string login) {
    auth_options options;
    options.accounts = {{std::move(login), hash_passcode("right", {64, 1, 1}), {}, {}}};
    return options;
}

credentials by(std::string login) {
    return {.login = std::move(login), .passcode = "right"};
}

std::string ask(replaceable_authenticator& node, credentials const& offered) {
    queue_executor home;
    std::optional<auth_outcome> got;
    node.authenticate(offered, home, [&](auth_outcome out) { got = std::move(out); });
    if (!got) home.run_one();
    REQUIRE(got);
    auto const* refusal = std::get_if<auth_refusal>(&*got);
    return refusal != nullptr ? refusal->code : std::get<principal_ptr>(*got)->name;
}

std::string ask(replaceable_authenticator& node, std::string login) {
    return ask(node, by(std::move(login)));
}

auth_options keys_of(std::string location) {
    auth_options options;
    options.jwt = jwt_options{.algorithms = {jwt_algorithm::es256},
                              .jwks_location = std::move(location),
                              .jwks_min_gap = std::chrono::milliseconds(0)};
    options.now = [] { return wall_time{std::chrono::seconds(1'700'000'000)}; };
    return options;
}

}  // namespace

TEST_CASE("keys that were fetched stay while their address fails, and only for that address") {
    auto const key = signing::make_p256_key();
    jwks_server server(signing::key_set(signing::jwk(key, "k")));
    credentials const token{
        .passcode = signing::es256_token(key, R"({"sub":"alice","exp":1700000600})", "k")};
    replaceable_authenticator node(keys_of(server.address()));
    CHECK(ask(node, token) == "alice");
    server.answer("away", 500);
    auto with_account = keys_of(server.address());
    with_account.accounts = only("bob").accounts;
    node.replace(with_account);
    CHECK(ask(node, token) == "alice");
    CHECK(ask(node, "bob") == "bob");
    node.replace(keys_of(server.address() + "?other"));
    CHECK(ask(node, token) == "auth_unavailable");
}

TEST_CASE("whoever comes after a replacement is checked by the new accounts") {
    replaceable_authenticator node(only("alice"));
    CHECK(ask(node, "alice") == "alice");
    CHECK(ask(node, "bob") == "bad_credentials");
    node.replace(only("bob"));
    CHECK(ask(node, "alice") == "bad_credentials");
    CHECK(ask(node, "bob") == "bob");
}

TEST_CASE("whoever came before a replacement is answered by the old accounts") {
    replaceable_authenticator node(only("alice"));
    queue_executor home;
    std::optional<auth_outcome> got;
    node.authenticate(by("alice"), home, [&](auth_outcome out) { got = std::move(out); });
    node.replace(only("bob"));
    home.run_one();
    REQUIRE(got);
    CHECK(std::holds_alternative<principal_ptr>(*got));
}

TEST_CASE("options that cannot work replace nothing") {
    replaceable_authenticator node(only("alice"));
    auto bad = only("bob");
    bad.accounts.front().passcode_hash = "nonsense";
    CHECK_THROWS(node.replace(bad));
    CHECK(ask(node, "alice") == "alice");
}

TEST_CASE("accounts may be replaced while others sign in") {
    replaceable_authenticator node(only("alice"));
    std::thread others([&node] {
        for (int i = 0; i != 50; ++i) static_cast<void>(ask(node, "alice"));
    });
    for (int i = 0; i != 20; ++i) node.replace(only("alice"));
    others.join();
    CHECK(ask(node, "alice") == "alice");
}

TEST_CASE("what is unanswered at the end is dropped") {
    queue_executor home;
    replaceable_authenticator node(only("alice"));
    node.authenticate(by("alice"), home, [](auth_outcome const&) {});
    node.replace(only("bob"));
}
