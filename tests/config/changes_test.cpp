#include "config/changes.hpp"

#include "support.hpp"

#include <doctest/doctest.h>

using namespace config;
using namespace config_test;

namespace {

using names = std::vector<std::string>;

changes between(std::string before, std::string after, files others = {}) {
    auto const one = load(std::move(before), {}, {}, others);
    auto const other = load(std::move(after), {}, {}, std::move(others));
    REQUIRE(wrong_in(one) == "");
    REQUIRE(wrong_in(other) == "");
    return compare(one.values, other.values);
}

}  // namespace

TEST_CASE("the same configuration has no changes") {
    auto const none =
        between("[limits.rate.user]\nsend = \"5/s\"\n", "[limits.rate]\nuser.send = \"5/s\"\n");
    CHECK(none.in_use.empty());
    CHECK(none.need_a_restart.empty());
}

TEST_CASE("what may change while the node runs is told from what may not") {
    auto const found = between("[limits.rate.user]\nsend = \"5/s\"\n",
                               "[limits.connections]\nper_node = 7\n[stomp]\nheart_beat_send = \"1 "
                               "s\"\n[log]\nlevel = \"warn\"\n");
    CHECK(found.in_use ==
          names{"log.level", "limits.rate.user.send", "limits.connections.per_node"});
    CHECK(found.need_a_restart == names{"stomp.heart_beat_send"});
}

TEST_CASE("elements of arrays are told by their number, a changed number of them by the array") {
    auto const account = [](std::string const& login, std::string const& roles = "[]") {
        return "[[auth.accounts]]\nlogin = \"" + login + "\"\nroles = " + roles +
               "\npasscode_hash = "
               "\"$argon2id$v=19$m=19456,t=2,p=1$a8Q+HL+2sxbB/xZOVAr58Q$g6DLSs/"
               "VODYcDlznHs34vVhrIFCwv06SEzG8xSimpqo\"\n";
    };
    auto const rule = [](std::string const& to) {
        return "[[broker.access]]\ndestination = \"" + to + "\"\n";
    };
    auto const roles = between(account("a") + account("b"), account("a") + account("b", "[\"x\"]"));
    CHECK(roles.in_use == names{"auth.accounts[1].roles"});
    CHECK(between(account("a"), account("a") + account("b")).in_use == names{"auth.accounts"});
    CHECK(between(rule("/topic/a"), rule("/topic/b")).need_a_restart ==
          names{"broker.access[0].destination"});
    CHECK(between(rule("/topic/a"), rule("/topic/a") + rule("/topic/b")).need_a_restart ==
          names{"broker.access"});
}

TEST_CASE("the contents of files that hold secrets are compared") {
    auto const loaded = [](std::string content) {
        return load("[auth.jwt]\nalgorithms = [\"HS256\"]\nsecret_file = \"secret\"\n", {}, {},
                    {{"/etc/secret", std::move(content)}});
    };
    auto const one = loaded(std::string(40, 'a'));
    auto const other = loaded(std::string(100, 'a'));
    auto const found = compare(one.values, other.values);
    REQUIRE(!found.in_use.empty());
    CHECK(found.in_use.front() == "auth.jwt.secret");
}

TEST_CASE("what was taken up is not told again, what was not is") {
    auto const before = load("").values;
    auto const after =
        load("[limits.rate]\nlongest_wait = \"1 s\"\n[chat]\nlobby = false\n").values;
    auto const now = with_changes(before, after);
    auto const left = compare(now, after);
    CHECK(left.in_use.empty());
    CHECK(left.need_a_restart == names{"chat.lobby"});
}

namespace {

constexpr auto tokens =
    "[auth.jwt]\nalgorithms = [\"HS256\"]\nsecret = \"01234567890123456789012345678901\"\n";

std::string with_mode(std::string const& mode, std::string const& more = "") {
    return "[auth]\nmode = \"" + mode + "\"\n" + more;
}

}  // namespace

TEST_CASE("another mode needs a restart, and so does all else of auth that came with it") {
    auto const before = load(with_mode("open"));
    auto const after = load(with_mode("required", tokens) + "[log]\nlevel = \"warn\"\n");
    REQUIRE(wrong_in(after) == "");
    auto const found = compare(before.values, after.values);
    CHECK(found.in_use == names{"log.level"});
    CHECK(found.need_a_restart ==
          names{"auth.mode", "auth.jwt.algorithms", "auth.jwt.secret", "auth.jwt.secret_file"});

    // The old one stays whole, and is told of again.
    auto const now = with_changes(before.values, after.values);
    CHECK(now.auth.mode == auth_mode::open);
    CHECK_FALSE(now.auth.jwt.enabled());
    CHECK(compare(now, after.values).in_use.empty());
    CHECK(compare(now, after.values).need_a_restart == found.need_a_restart);
}

TEST_CASE("an account that comes with another mode needs a restart") {
    std::string const account =
        "[[auth.accounts]]\nlogin = \"a\"\npasscode_hash = "
        "\"$argon2id$v=19$m=19456,t=2,p=1$a8Q+HL+2sxbB/xZOVAr58Q$g6DLSs/"
        "VODYcDlznHs34vVhrIFCwv06SEzG8xSimpqo\"\n";
    auto const found = between(with_mode("required", tokens), with_mode("open", tokens + account));
    CHECK(found.in_use.empty());
    CHECK(found.need_a_restart == names{"auth.mode", "auth.accounts"});
}

TEST_CASE("the topic that comes with the open mode is no change of its own") {
    auto const rule = std::string("[[broker.access]]\ndestination = \"/topic/a\"\n");
    auto const told = [](std::string const& before, std::string const& after) {
        return between(before, after).need_a_restart;
    };
    auto const open = with_mode("open", tokens);
    auto const required = with_mode("required", tokens);
    CHECK(told(open, required) == names{"auth.mode"});
    CHECK(told(required, open) == names{"auth.mode"});
    // Rules that somebody wrote or took away are one, also where they are none.
    CHECK(told(open, required + rule) == names{"broker.access", "auth.mode"});
    CHECK(told(open + rule, required) == names{"broker.access", "auth.mode"});
    CHECK(told(open + rule, required + rule) == names{"auth.mode"});
    CHECK(told(open, open + rule) == names{"broker.access"});
    CHECK(told(open, "broker.access = []\n" + open) == names{"broker.access"});
    CHECK(told("broker.access = []\n" + open, open) == names{"broker.access"});
}

TEST_CASE("everything that may be taken up is taken up") {
    auto const before = load("").values;
    auto const after =
        load(
            "[auth]\nworkers = 3\n[log]\nlevel = \"debug\"\n[limits.rate.address]\nsend = 0\n"
            "[limits.connections]\nsessions_per_user = 1\n")
            .values;
    CHECK(compare(before, after).in_use.size() == 4);
    CHECK(compare(with_changes(before, after), after).in_use.empty());
}
