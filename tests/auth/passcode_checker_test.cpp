#include "broker/auth/passcode_checker.hpp"
#include "broker/auth/passcode_hash.hpp"
#include "support/queue_executor.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <limits>
#include <optional>

using namespace broker;
using namespace broker::auth;

namespace {

constexpr argon2_cost cheap{64, 1, 1};
constexpr argon2_cost slow{16 * 1024, 2, 1};

account make_account(std::string login, std::string_view passcode, argon2_cost cost = cheap) {
    return {std::move(login), hash_passcode(passcode, cost), 7, {"admin"}};
}

struct fixture {
    explicit fixture(std::vector<account> accounts, passcode_options options = {})
        : checker(accounts, options) {}

    // The answer, waited for.
    auth_outcome ask(std::string_view login, std::string_view passcode) {
        std::optional<auth_outcome> got;
        checker.check(login, passcode, home, [&](auth_outcome out) { got = std::move(out); });
        if (!got) home.run_one();
        REQUIRE(got);
        return *got;
    }

    queue_executor home;
    passcode_checker checker;
};

std::string code_of(auth_outcome const& outcome) {
    auto const* refusal = std::get_if<auth_refusal>(&outcome);
    return refusal ? refusal->code : "accepted";
}

}  // namespace

TEST_CASE("the right passcode makes the account's principal") {
    fixture f({make_account("guest", "guest")});
    auto const outcome = f.ask("guest", "guest");
    auto const* who = std::get_if<principal_ptr>(&outcome);
    REQUIRE(who);
    CHECK((*who)->name == "guest");
    CHECK((*who)->user_id == 7);
    CHECK((*who)->has_role("admin"));
    CHECK_FALSE((*who)->unverified);
    CHECK_FALSE((*who)->expires_at);
}

TEST_CASE("an unknown login and a wrong passcode get the same answer") {
    fixture f({make_account("guest", "guest")});
    auto const wrong = std::get<auth_refusal>(f.ask("guest", "wrong"));
    auto const unknown = std::get<auth_refusal>(f.ask("nobody", "guest"));
    CHECK(wrong.code == "bad_credentials");
    CHECK(wrong.code == unknown.code);
    CHECK(wrong.reason == unknown.reason);
    CHECK(wrong.reason.find("wrong.") != std::string::npos);
}

TEST_CASE("an unknown login costs as much as a wrong passcode") {
    fixture f({make_account("guest", "guest", slow)});
    // Of the processor: what others take of it meanwhile does not count.
    auto const cost = [&](std::string const& login, int number) {
        auto const begin = std::clock();
        f.ask(login, "wrong" + std::to_string(number));
        return static_cast<double>(std::clock() - begin);
    };
    auto wrong = std::numeric_limits<double>::max();
    auto unknown = wrong;
    for (int i = 0; i < 5; ++i) {
        wrong = std::min(wrong, cost("guest", i));
        unknown = std::min(unknown, cost("nobody", i));
    }
    CAPTURE(wrong);
    CAPTURE(unknown);
    CHECK(unknown > wrong / 3);
    CHECK(unknown < wrong * 3);
}

TEST_CASE("a passcode that was right is believed at once the next time, a wrong one is not") {
    fixture f({make_account("guest", "guest")});
    f.ask("guest", "guest");
    bool answered = false;
    f.checker.check("guest", "guest", f.home, [&](auth_outcome const& outcome) {
        answered = true;
        CHECK(code_of(outcome) == "accepted");
    });
    CHECK(answered);

    f.ask("guest", "wrong");
    answered = false;
    f.checker.check("guest", "wrong", f.home, [&](auth_outcome const&) { answered = true; });
    CHECK_FALSE(answered);
    f.home.run_one();
    CHECK(answered);
}

TEST_CASE("without a cache every login is checked") {
    fixture f({make_account("guest", "guest")}, {.cache_ttl = std::chrono::milliseconds{0}});
    f.ask("guest", "guest");
    bool answered = false;
    f.checker.check("guest", "guest", f.home, [&](auth_outcome const&) { answered = true; });
    CHECK_FALSE(answered);
    f.home.run_one();
}

TEST_CASE("equal checks that wait together take one place in the queue") {
    fixture f({make_account("guest", "guest", slow)}, {.workers = 1, .max_waiting = 1});
    int accepted = 0;
    for (int i = 0; i < 1000; ++i) {
        f.checker.check("guest", "guest", f.home, [&](auth_outcome const& outcome) {
            accepted += code_of(outcome) == "accepted";
        });
    }
    for (int i = accepted; i < 1000; ++i) f.home.run_one();
    CHECK(accepted == 1000);
}

TEST_CASE("over the bound of waiting checks a login is refused as too many") {
    fixture f({make_account("guest", "guest", slow)}, {.workers = 1, .max_waiting = 2});
    int refused = 0;
    int checked = 0;
    for (int i = 0; i < 50; ++i) {
        f.checker.check("guest", "wrong" + std::to_string(i), f.home,
                        [&](auth_outcome const& outcome) {
                            (code_of(outcome) == "too_many_logins" ? refused : checked) += 1;
                        });
    }
    CHECK(refused >= 1);
    while (refused + checked < 50) f.home.run_one();
    CHECK(checked >= 2);
}

TEST_CASE("a passcode beyond the bound is refused without work") {
    fixture f({make_account("guest", "guest")});
    bool answered = false;
    f.checker.check("guest", std::string(max_passcode_bytes + 1, 'x'), f.home,
                    [&](auth_outcome const& outcome) {
                        answered = true;
                        CHECK(code_of(outcome) == "bad_credentials");
                    });
    CHECK(answered);
}

TEST_CASE("what waits when the checker ends is dropped") {
    queue_executor home;
    {
        passcode_checker checker({make_account("guest", "guest", slow)}, {.workers = 1});
        for (int i = 0; i < 20; ++i) {
            checker.check("guest", std::to_string(i), home, [](auth_outcome const&) {});
        }
    }
    CHECK(true);  // it came back, and the sanitizers are content
}

TEST_CASE("accounts that cannot work are refused by their login") {
    auto const make = [](std::vector<account> accounts) { passcode_checker(accounts, {}); };
    CHECK_THROWS_AS(make({{"guest", "guest", {}, {}}}), std::invalid_argument);
    CHECK_THROWS_AS(make({make_account("", "x")}), std::invalid_argument);
    CHECK_THROWS_WITH(make({make_account("a", "x"), make_account("a", "y")}),
                      "account 'a': the login must be unique, not empty, and without control "
                      "characters");
}
