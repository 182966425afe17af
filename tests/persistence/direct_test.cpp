#include "tests/persistence/database.hpp"

#include <doctest/doctest.h>
#include <algorithm>

using namespace tests;
using chat::message_id;
using chat::unit_of_work;
using chat::user_id;

namespace {

using texts = std::vector<std::string>;

chat::room_id direct_room(persistence::storage& in, std::uint64_t first, std::uint64_t second) {
    return write(in,
                 [&](unit_of_work& unit) -> chat::result<chat::room> {
                     unit.remember_user(user_id{first}, "first");
                     unit.remember_user(user_id{second}, "second");
                     return unit.open_direct_room(user_id{first}, user_id{second});
                 })
        .value()
        .id;
}

std::vector<chat::stored_message> owed(persistence::storage& in, std::uint64_t user,
                                       std::uint64_t after = 0, std::size_t limit = 100) {
    return read(in,
                [&](unit_of_work& unit) -> chat::result<std::vector<chat::stored_message>> {
                    return unit.undelivered(user_id{user}, message_id{after}, limit);
                })
        .value();
}

std::vector<chat::stored_message> mark(persistence::storage& in, std::uint64_t user,
                                       std::vector<chat::stored_message> const& messages) {
    std::vector<chat::message_place> places;
    for (auto const& each : messages) places.push_back({each.id, each.room, each.seq});
    return write(in,
                 [&](unit_of_work& unit) -> chat::result<std::vector<chat::stored_message>> {
                     return unit.mark_delivered(user_id{user}, places);
                 })
        .value();
}

// "user message" of each.
texts newest_owed(persistence::storage& in, std::vector<user_id> users) {
    auto const found =
        read(in, [&](unit_of_work& unit) -> chat::result<std::vector<chat::owed_message>> {
            return unit.newest_undelivered(users);
        }).value();
    texts shown;
    for (auto const& each : found)
        shown.push_back(std::to_string(each.user.value) + " " + std::to_string(each.message.value));
    return shown;
}

texts contents(std::vector<chat::stored_message> const& messages) {
    texts found;
    for (auto const& message : messages) found.push_back(message.content);
    return found;
}

}  // namespace

TEST_CASE_TEMPLATE("who writes into a direct room is told who the other one is", Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    auto const two = direct_room(*storage, 7, 3);
    auto const club = make_room(*storage, {3, 7});
    writer_probe probe(*storage);
    auto keyed = message_of(two, 7, "x");
    keyed.idempotency_key = "k";
    CHECK(probe.store(keyed).receiver == user_id{3});
    CHECK(probe.store(message_of(two, 3, "x")).receiver == user_id{7});
    CHECK_FALSE(probe.store(keyed).receiver.has_value());  // it went out when it came first
    CHECK_FALSE(probe.store(message_of(club, 7, "x")).receiver.has_value());
}

TEST_CASE_TEMPLATE("a direct message is owed to its receiver until it was delivered", Database,
                   BOTH) {
    Database database;
    auto const storage = persistence::open_storage(database.options());
    auto const with_ann = direct_room(*storage, 1, 2);
    auto const with_bob = direct_room(*storage, 3, 1);
    writer_probe writer(*storage);
    auto const first = writer.store(message_of(with_ann, 2, "one")).stored.value();
    auto const second = writer.store(message_of(with_bob, 3, "two")).stored.value();
    auto const own = writer.store(message_of(with_ann, 1, "mine")).stored.value();
    auto const third = writer.store(message_of(with_ann, 2, "three")).stored.value();

    CHECK(contents(owed(*storage, 1)) == texts{"one", "two", "three"});
    CHECK(contents(owed(*storage, 2)) == texts{"mine"});
    CHECK(contents(owed(*storage, 1, 0, 2)) == texts{"one", "two"});
    CHECK(contents(owed(*storage, 1, second.id.value, 2)) == texts{"three"});
    auto const given = owed(*storage, 1).front();
    CHECK(given.id == first.id);
    CHECK(given.room == with_ann);
    CHECK(given.seq == 1);
    CHECK(given.author == user_id{2});
    CHECK(given.created_at == first.created_at);

    CHECK(mark(*storage, 1, {first, second, own}).empty());
    CHECK(contents(owed(*storage, 1)) == texts{"three"});
    CHECK(contents(owed(*storage, 2)) == texts{"mine"});
    CHECK(mark(*storage, 1, {third}).empty());
    CHECK(owed(*storage, 1).empty());
    // Again, and an older one: nothing moves back.
    CHECK(mark(*storage, 1, {first}).empty());
    CHECK(owed(*storage, 1).empty());
}

TEST_CASE_TEMPLATE("a delivery that skips an older message does not make that one delivered",
                   Database, BOTH) {
    Database database;
    auto const storage = persistence::open_storage(database.options());
    auto const room = direct_room(*storage, 1, 2);
    writer_probe writer(*storage);
    auto const first = writer.store(message_of(room, 2, "one")).stored.value();
    auto const second = writer.store(message_of(room, 2, "two")).stored.value();
    auto const third = writer.store(message_of(room, 2, "three")).stored.value();

    CHECK(contents(mark(*storage, 1, {first, third})) == texts{"two"});
    CHECK(contents(owed(*storage, 1)) == texts{"two", "three"});
    CHECK(mark(*storage, 1, {second, third}).empty());
    CHECK(owed(*storage, 1).empty());
}

TEST_CASE_TEMPLATE(
    "what was delivered and lost by the database says nothing of what has its seq now", Database,
    BOTH) {
    Database database;
    auto const storage = persistence::open_storage(database.options());
    auto const room = direct_room(*storage, 1, 2);
    writer_probe writer(*storage);
    auto const first = writer.store(message_of(room, 2, "one")).stored.value();
    auto const second = writer.store(message_of(room, 2, "two")).stored.value();
    auto const third = writer.store(message_of(room, 2, "three")).stored.value();
    auto lost = second;
    lost.id = message_id{second.id.value + 1000};

    CHECK(mark(*storage, 1, {first, lost}).empty());
    CHECK(contents(owed(*storage, 1)) == texts{"two", "three"});
    CHECK(contents(mark(*storage, 1, {lost, third})) == texts{"two"});
    CHECK(contents(owed(*storage, 1)) == texts{"two", "three"});
    CHECK(mark(*storage, 1, {lost, second, third}).empty());
    CHECK(owed(*storage, 1).empty());
}

TEST_CASE_TEMPLATE("one's own messages are passed like delivered ones", Database, BOTH) {
    Database database;
    auto const storage = persistence::open_storage(database.options());
    auto const room = direct_room(*storage, 1, 2);
    writer_probe writer(*storage);
    auto const passed = [&] {
        return database.number("SELECT delivered_seq FROM room_members WHERE user_id = 1");
    };
    auto const first = writer.store(message_of(room, 1, "mine")).stored.value();
    auto const second = writer.store(message_of(room, 1, "mine, too")).stored.value();
    CHECK(mark(*storage, 1, {first, second}).empty());
    CHECK(passed() == 2);
    auto const answer = writer.store(message_of(room, 2, "an answer")).stored.value();
    auto const third = writer.store(message_of(room, 1, "mine again")).stored.value();
    CHECK(contents(mark(*storage, 1, {third})) == texts{"an answer"});
    CHECK(passed() == 2);
    CHECK(mark(*storage, 1, {answer, third}).empty());
    CHECK(passed() == 4);
}

TEST_CASE_TEMPLATE("what was read needs no delivery, and rooms for many owe nothing", Database,
                   BOTH) {
    Database database;
    auto const storage = persistence::open_storage(database.options());
    auto const room = direct_room(*storage, 1, 2);
    auto const club = make_room(*storage, {1, 2});
    writer_probe writer(*storage);
    writer.store(message_of(room, 2, "read"));
    writer.store(message_of(room, 2, "new"));
    writer.store(message_of(club, 2, "to all"));
    REQUIRE(ok(write(*storage,
                     [&](unit_of_work& unit) { return unit.set_last_read(room, user_id{1}, 1); })));

    CHECK(contents(owed(*storage, 1)) == texts{"new"});
    CHECK(mark(*storage, 1, {owed(*storage, 1).front()}).empty());
    CHECK(owed(*storage, 1).empty());
}

TEST_CASE_TEMPLATE("of many users the newest message that each room owes them is found at once",
                   Database, BOTH) {
    Database database;
    auto const storage = persistence::open_storage(database.options());
    auto const with_ann = direct_room(*storage, 1, 2);
    auto const with_bob = direct_room(*storage, 3, 1);
    writer_probe writer(*storage);
    writer.store(message_of(with_ann, 2, "one")).stored.value();
    auto const two = writer.store(message_of(with_ann, 2, "two")).stored.value();
    auto const three = writer.store(message_of(with_bob, 3, "three")).stored.value();
    auto const four = writer.store(message_of(with_ann, 1, "four")).stored.value();
    auto const line = [](std::uint64_t user, chat::stored_message const& what) {
        return std::to_string(user) + " " + std::to_string(what.id.value);
    };

    std::vector<user_id> const everybody{user_id{3}, user_id{2}, user_id{1}, user_id{99}};
    auto found = newest_owed(*storage, everybody);
    std::ranges::sort(found);
    CHECK(found == texts{line(1, two), line(1, three), line(2, four)});
    CHECK(newest_owed(*storage, {user_id{2}}) == texts{line(2, four)});
    CHECK(newest_owed(*storage, {user_id{3}}).empty());
    mark(*storage, 1, {three});
    CHECK(newest_owed(*storage, {user_id{1}}) == texts{line(1, two)});
}
