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
