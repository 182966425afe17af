#include "tests/persistence/database.hpp"

#include <doctest/doctest.h>

// Bans: at most one for each name, until it is lifted.

using namespace tests;
using chat::ban;
using chat::unit_of_work;

namespace {

chat::timestamp at(std::int64_t ms) {
    return chat::timestamp(std::chrono::milliseconds(ms));
}

void put(persistence::storage& in, ban const& what) {
    CHECK(ok(write(in, [&](unit_of_work& unit) -> chat::result<int> {
        unit.put_ban(what);
        return 1;
    })));
}

bool lift(persistence::storage& in, std::string_view user) {
    return write(in, [&](unit_of_work& unit) -> chat::result<bool> { return unit.lift_ban(user); })
        .value();
}

std::vector<ban> all(persistence::storage& in) {
    return read(in,
                [](unit_of_work& unit) -> chat::result<std::vector<ban>> {
                    return unit.list_bans();
                })
        .value();
}

}  // namespace

TEST_CASE_TEMPLATE("a ban is kept as it was made", Database, BOTH) {
    Database database;
    auto const storage = persistence::open_storage(database.options());
    put(*storage, {"42", "root", at(1'700'000'000'123), "spam; DROP TABLE bans 'ü'"});
    auto const found = all(*storage);
    REQUIRE(found.size() == 1);
    CHECK(found[0].user == "42");
    CHECK(found[0].by == "root");
    CHECK(found[0].since == at(1'700'000'000'123));
    CHECK(found[0].reason == "spam; DROP TABLE bans 'ü'");
}

TEST_CASE_TEMPLATE("bans are listed by user, and there are none at first", Database, BOTH) {
    Database database;
    auto const storage = persistence::open_storage(database.options());
    CHECK(all(*storage).empty());
    for (auto const* user : {"mallory", "eve", "7"}) put(*storage, {user, "root", at(1), ""});
    std::vector<std::string> users;
    for (auto const& each : all(*storage)) users.push_back(each.user);
    CHECK(users == std::vector<std::string>{"7", "eve", "mallory"});
}

TEST_CASE_TEMPLATE("a second ban of somebody takes the place of the first", Database, BOTH) {
    Database database;
    auto const storage = persistence::open_storage(database.options());
    put(*storage, {"eve", "root", at(1), "first"});
    put(*storage, {"eve", "admin", at(2), "second"});
    auto const found = all(*storage);
    REQUIRE(found.size() == 1);
    CHECK(found[0].by == "admin");
    CHECK(found[0].since == at(2));
    CHECK(found[0].reason == "second");
}

TEST_CASE_TEMPLATE("a ban that is lifted is gone, and only that one", Database, BOTH) {
    Database database;
    auto const storage = persistence::open_storage(database.options());
    put(*storage, {"eve", "root", at(1), ""});
    put(*storage, {"mallory", "root", at(1), ""});
    CHECK(lift(*storage, "eve"));
    CHECK_FALSE(lift(*storage, "eve"));
    REQUIRE(all(*storage).size() == 1);
    CHECK(all(*storage)[0].user == "mallory");
}
