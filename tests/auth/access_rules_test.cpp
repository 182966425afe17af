#include "broker/auth/access_rules.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace broker;
using namespace broker::auth;

namespace {

principal named(std::string name, std::vector<std::string> roles = {}) {
    principal who;
    who.name = std::move(name);
    who.roles = std::move(roles);
    return who;
}

principal believed(std::string name) {
    auto who = named(std::move(name));
    who.unverified = true;
    return who;
}

principal const alice = named("alice");
principal const admin = named("root", {"admin"});
principal const nobody;

}  // namespace

TEST_CASE("without rules nothing is allowed") {
    rule_authorizer const access({});
    CHECK_FALSE(access.may_send(alice, "/topic/a"));
    CHECK_FALSE(access.may_subscribe(alice, "/topic/a"));
    CHECK_FALSE(access.may_subscribe(alice, "/topic/**"));
}

TEST_CASE("sending, subscribing and subscribing by pattern are granted apart") {
    rule_authorizer const access({{"/topic/a/**", {"role:admin"}, {"*"}, {}}});
    CHECK(access.may_send(admin, "/topic/a/b"));
    CHECK_FALSE(access.may_send(alice, "/topic/a/b"));
    CHECK(access.may_subscribe(alice, "/topic/a/b/c"));
    CHECK(access.may_subscribe(alice, "/topic/a"));  // `**` stands for no level, too
    CHECK_FALSE(access.may_subscribe(alice, "/topic/a/**"));
    CHECK_FALSE(access.may_subscribe(alice, "/topic/b"));
}

TEST_CASE("the first rule that covers a destination decides, also when it refuses") {
    rule_authorizer const access({
        {"/topic/a/secret", {}, {"role:admin"}, {}},
        {"/topic/a/*", {}, {"*"}, {}},
        {"/topic/a/open", {"*"}, {}, {}},
    });
    CHECK_FALSE(access.may_subscribe(alice, "/topic/a/secret"));
    CHECK(access.may_subscribe(admin, "/topic/a/secret"));
    CHECK(access.may_subscribe(alice, "/topic/a/x"));
    CHECK_FALSE(access.may_send(alice, "/topic/a/open"));  // the second rule decides
    CHECK_FALSE(access.may_subscribe(alice, "/topic/a/x/y"));
}

TEST_CASE("nobody sends to a pattern") {
    rule_authorizer const access({{"/topic/**", {"*"}, {"*"}, {"*"}}});
    CHECK(access.may_send(alice, "/topic/a"));
    CHECK_FALSE(access.may_send(alice, "/topic/*"));
    CHECK_FALSE(access.may_send(alice, "/topic/**"));
    CHECK_FALSE(access.may_send(alice, ""));
}

TEST_CASE("a pattern is allowed within a rule that grants patterns, not beyond it") {
    rule_authorizer const access({{"/topic/a/**", {}, {"*"}, {"*"}}});
    for (auto const* inside :
         {"/topic/a/**", "/topic/a/#", "/topic/a/*", "/topic/a/*/x", "/topic/a/b/**"}) {
        CAPTURE(inside);
        CHECK(access.may_subscribe(alice, inside));
    }
    for (auto const* beyond : {"/topic/**", "/topic/*", "/topic/*/b", "/topic/b/*"}) {
        CAPTURE(beyond);
        CHECK_FALSE(access.may_subscribe(alice, beyond));
    }
}

TEST_CASE("a rule for one level does not grant a pattern over many") {
    rule_authorizer const access({{"/topic/a/*", {}, {"*"}, {"*"}}});
    CHECK(access.may_subscribe(alice, "/topic/a/*"));
    CHECK_FALSE(access.may_subscribe(alice, "/topic/a/**"));
    CHECK_FALSE(access.may_subscribe(alice, "/topic/a/*/*"));
}

TEST_CASE("a pattern does not reach what an earlier rule keeps from the caller") {
    rule_authorizer const access({
        {"/topic/secret/**", {}, {"role:admin"}, {"role:admin"}},
        {"/topic/vault", {}, {"role:admin"}, {}},
        {"/topic/**", {}, {"*"}, {"*"}},
    });
    CHECK_FALSE(access.may_subscribe(alice, "/topic/**"));
    CHECK_FALSE(access.may_subscribe(alice, "/topic/*"));
    CHECK_FALSE(access.may_subscribe(alice, "/topic/*/x"));
    CHECK(access.may_subscribe(alice, "/topic/news/**"));
    CHECK(access.may_subscribe(admin, "/topic/**"));
    CHECK(access.may_subscribe(admin, "/topic/secret/*"));
}

TEST_CASE("'*' is everyone; the others are for the verified only") {
    rule_authorizer const access({
        {"/topic/all", {"*"}, {}, {}},
        {"/topic/known", {"authenticated"}, {}, {}},
        {"/topic/admin", {"role:admin"}, {}, {}},
        {"/topic/alice", {"user:alice"}, {}, {}},
        {"/topic/several", {"user:bob", "role:admin"}, {}, {}},
    });
    auto pretender = believed("alice");
    pretender.roles = {"admin"};
    CHECK(access.may_send(nobody, "/topic/all"));
    CHECK_FALSE(access.may_send(nobody, "/topic/known"));
    CHECK_FALSE(access.may_send(pretender, "/topic/known"));
    CHECK_FALSE(access.may_send(pretender, "/topic/admin"));
    CHECK_FALSE(access.may_send(pretender, "/topic/alice"));
    CHECK(access.may_send(alice, "/topic/known"));
    CHECK(access.may_send(alice, "/topic/alice"));
    CHECK_FALSE(access.may_send(admin, "/topic/alice"));
    CHECK(access.may_send(admin, "/topic/several"));
    CHECK(access.may_send(named("bob"), "/topic/several"));
}

TEST_CASE("user:NAME means the user's number where the credentials name one") {
    rule_authorizer const access({{"/topic/seven", {"user:7"}, {}, {}}});
    auto who = named("alice");
    who.user_id = 7;
    CHECK(access.may_send(who, "/topic/seven"));
    // A login that looks like somebody's number does not make it theirs.
    auto other = named("7");
    other.user_id = 8;
    CHECK_FALSE(access.may_send(other, "/topic/seven"));
}

TEST_CASE("rules that make no sense are refused with their destination") {
    auto const make = [](access_rule rule) { rule_authorizer{{std::move(rule)}}; };
    CHECK_THROWS_AS(make({"/app/x", {}, {}, {}}), std::invalid_argument);
    CHECK_THROWS_AS(make({"topic", {}, {}, {}}), std::invalid_argument);
    CHECK_THROWS_AS(make({"/topic/**/x", {}, {}, {}}), std::invalid_argument);
    CHECK_THROWS_WITH(make({"/topic/x", {"everyone"}, {}, {}}),
                      "access rule /topic/x: 'everyone' is none of *, authenticated, role:NAME, "
                      "user:NAME");
    CHECK_THROWS_AS(make({"/topic/x", {"role:"}, {}, {}}), std::invalid_argument);
}

TEST_CASE("the trie finds what a look at every rule in order finds") {
    std::mt19937 random(7);  // NOLINT: the same every time
    auto const pick = [&](std::size_t below) { return random() % below; };
    auto const destination = [&](bool pattern) {
        std::string out = "/topic";
        auto const levels = 1 + pick(3);
        for (std::size_t i = 0; i < levels; ++i) {
            auto const choice = pick(pattern ? 5 : 3);
            if (choice == 4 && i + 1 == levels)
                out += "/**";
            else if (choice >= 3)
                out += "/*";
            else
                out += "/" + std::string(1, static_cast<char>('a' + choice));
        }
        return out;
    };
    for (int round = 0; round < 300; ++round) {
        std::vector<access_rule> rules;
        auto const count = pick(8);
        for (std::size_t i = 0; i < count; ++i) {
            access_rule rule{destination(true), {}, {}, {}};
            if (pick(2) == 0) rule.send = {"*"};
            rules.push_back(rule);
        }
        rule_authorizer const access(rules);
        for (int probe = 0; probe < 30; ++probe) {
            auto const where = destination(false);
            auto const first = std::ranges::find_if(
                rules, [&](access_rule const& rule) { return covers(rule.destination, where); });
            bool const expected = first != rules.end() && !first->send.empty();
            CAPTURE(where);
            CHECK(access.may_send(nobody, where) == expected);
        }
    }
}

TEST_CASE("what a pattern may bring is never more than exact subscriptions may") {
    // Whenever a pattern is allowed, so is each exact destination that it matches.
    std::vector<std::string> const exact{"/topic/a",   "/topic/b",   "/topic/a/a",
                                         "/topic/a/b", "/topic/b/a", "/topic/a/b/a"};
    std::vector<std::string> const patterns{"/topic/*",   "/topic/**",   "/topic/a/*",
                                            "/topic/*/a", "/topic/a/**", "/topic/*/**"};
    std::mt19937 random(11);  // NOLINT
    for (int round = 0; round < 500; ++round) {
        std::vector<access_rule> rules;
        for (int i = 0; i < 3; ++i) {
            auto const n = random() % (exact.size() + patterns.size());
            auto const& where = n < exact.size() ? exact[n] : patterns[n - exact.size()];
            std::vector<std::string> who;
            if (random() % 2 == 0) who = {"*"};
            bool const is_exact = where.find('*') == std::string::npos;
            rules.push_back({where, {}, who, is_exact ? std::vector<std::string>{} : who});
        }
        rule_authorizer const access(rules);
        for (auto const& pattern : patterns) {
            if (!access.may_subscribe(nobody, pattern)) continue;
            for (auto const& where : exact) {
                if (covers(pattern, where)) CHECK(access.may_subscribe(nobody, where));
            }
        }
    }
}
