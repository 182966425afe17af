#include "tests/persistence/database.hpp"

#include <doctest/doctest.h>
#include <limits>

// The audit log: it has what was committed, and nothing else.

using namespace tests;
using namespace std::chrono_literals;
using chat::audit_action;
using chat::errc;
using chat::room_id;
using chat::unit_of_work;
using chat::user_id;

namespace {

constexpr std::uint64_t newest = std::numeric_limits<std::int64_t>::max();

chat::new_audit_entry entry(audit_action action, std::uint64_t actor,
                            std::optional<room_id> room = {}, std::optional<user_id> user = {}) {
    chat::new_audit_entry made;
    made.action = action;
    made.origin.actor = {user_id{actor}, "name " + std::to_string(actor), chat::proof::token};
    made.room = room;
    made.user = user;
    return made;
}

chat::result<void> record(persistence::storage& in, chat::new_audit_entry const& what) {
    auto const done = write(in, [&](unit_of_work& unit) -> chat::result<int> {
        unit.record(what);
        return 1;
    });
    if (!done) return done.error();
    return {};
}

std::vector<chat::audit_entry> read_all(persistence::storage& in, chat::audit_filter wanted = {},
                                        std::uint64_t before = newest, std::size_t limit = 100) {
    return read(in,
                [&](unit_of_work& unit) -> chat::result<std::vector<chat::audit_entry>> {
                    return unit.read_audit(wanted, before, limit);
                })
        .value();
}

template <typename Set>
chat::audit_filter where(Set set) {
    chat::audit_filter wanted;
    set(wanted);
    return wanted;
}

std::vector<std::string> actions(std::vector<chat::audit_entry> const& entries) {
    std::vector<std::string> names;
    for (auto const& each : entries) names.push_back(each.action);
    return names;
}

using names = std::vector<std::string>;

}  // namespace

TEST_CASE_TEMPLATE("an entry is read as it was written", Database, BOTH) {
    Database database;
    auto options = database.options();
    options.node = "node-1";
    auto const storage = open_storage(options);
    auto what = entry(audit_action::member_add, 7, room_id{3}, user_id{9});
    what.message = chat::message_id{5};
    what.details = R"({"nickname":"홍길동 'x'"})";
    what.origin.request_id = "r-1";
    REQUIRE(ok(record(*storage, what)));
    chat::new_audit_entry bare;
    bare.action = audit_action::broadcast_all;
    REQUIRE(ok(record(*storage, bare)));

    auto const found = read_all(*storage);
    REQUIRE(found.size() == 2);
    auto const& full = found[1];
    CHECK(full.id < found[0].id);
    CHECK(full.at > chat::timestamp{});
    CHECK(full.at <= found[0].at);
    CHECK(full.node == "node-1");
    CHECK(full.actor.user == user_id{7});
    CHECK(full.actor.name == "name 7");
    CHECK(full.actor.shown == chat::proof::token);
    CHECK(full.action == "member.add");
    CHECK(full.room == room_id{3});
    CHECK(full.user == user_id{9});
    CHECK(full.message == chat::message_id{5});
    CHECK(full.details == what.details);
    CHECK(full.request_id == "r-1");
    auto const& empty = found[0];
    CHECK(empty.action == "broadcast.all");
    CHECK_FALSE(empty.actor.user.has_value());
    CHECK(empty.actor.name.empty());
    CHECK(empty.actor.shown == chat::proof::none);
    CHECK_FALSE(empty.room.has_value());
    CHECK_FALSE(empty.user.has_value());
    CHECK_FALSE(empty.message.has_value());
    CHECK(empty.details == "{}");
    CHECK(empty.request_id.empty());
}

TEST_CASE_TEMPLATE("an action that is rolled back leaves no entry, and the other way round",
                   Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    auto const refused = write(*storage, [](unit_of_work& unit) -> chat::result<int> {
        unit.create_room({});
        unit.record(entry(audit_action::room_create, 1));
        return errc::room_full;
    });
    CHECK(refused.error() == errc::room_full);
    auto const broken = write(*storage, [](unit_of_work& unit) -> chat::result<int> {
        unit.create_room({});
        unit.record(entry(audit_action::room_create, 1));
        throw std::runtime_error("in the middle");
    });
    CHECK(broken.error() == errc::store_unavailable);
    CHECK(read_all(*storage).empty());
    CHECK(database.number("SELECT count(*) FROM rooms") == 0);

    // An entry that cannot be written takes its action with it.
    database.execute("DROP TABLE audit_log");
    auto const unrecorded = write(*storage, [](unit_of_work& unit) -> chat::result<int> {
        unit.create_room({});
        unit.record(entry(audit_action::room_create, 1));
        return 1;
    });
    CHECK_FALSE(ok(unrecorded));
    CHECK(database.number("SELECT count(*) FROM rooms") == 0);
}

TEST_CASE_TEMPLATE("entries are filtered and paged, newest first", Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    record(*storage, entry(audit_action::room_create, 1, room_id{1})).value();
    record(*storage, entry(audit_action::member_add, 1, room_id{1}, user_id{5})).value();
    record(*storage, entry(audit_action::member_add, 2, room_id{2}, user_id{5})).value();
    record(*storage, entry(audit_action::broadcast_user, 2, {}, user_id{6})).value();

    auto const all = read_all(*storage);
    CHECK(actions(all) == names{"broadcast.user", "member.add", "member.add", "room.create"});
    CHECK(actions(read_all(*storage, where([&](auto& wanted) { wanted.actor = user_id{2}; }))) ==
          names{"broadcast.user", "member.add"});
    CHECK(actions(read_all(*storage, where([&](auto& wanted) { wanted.actor_name = "name 1"; }))) ==
          names{"member.add", "room.create"});
    CHECK(actions(read_all(*storage, where([&](auto& wanted) { wanted.room = room_id{1}; }))) ==
          names{"member.add", "room.create"});
    CHECK(read_all(*storage, where([&](auto& wanted) { wanted.user = user_id{5}; })).size() == 2);
    CHECK(read_all(*storage, where([&](auto& wanted) {
              wanted.action = audit_action::member_add;
          })).size() == 2);
    CHECK(read_all(*storage, where([&](auto& wanted) {
              wanted.actor = user_id{2};
              wanted.actor_name = "name 2";
              wanted.room = room_id{2};
              wanted.user = user_id{5};
              wanted.action = audit_action::member_add;
          })).size() == 1);
    CHECK(read_all(*storage, where([&](auto& wanted) {
              wanted.actor = user_id{1};
              wanted.room = room_id{2};
          })).empty());

    CHECK(read_all(*storage, where([&](auto& wanted) { wanted.from = all[0].at + 1ms; })).empty());
    CHECK(read_all(*storage, where([&](auto& wanted) { wanted.until = all[3].at; })).empty());
    CHECK(read_all(*storage, where([&](auto& wanted) {
              wanted.from = all[3].at;
              wanted.until = all[0].at + 1ms;
          })).size() == 4);

    auto const first = read_all(*storage, {}, newest, 3);
    CHECK(first.size() == 3);
    CHECK(actions(read_all(*storage, {}, first.back().id, 3)) == names{"room.create"});
    CHECK(read_all(*storage, {}, 0).empty());
}

TEST_CASE_TEMPLATE("no entry is ever changed, and old ones are forgotten, oldest first", Database,
                   BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    for (std::uint64_t actor = 1; actor != 6; ++actor)
        record(*storage, entry(audit_action::broadcast_all, actor)).value();
    CHECK_THROWS(database.execute("UPDATE audit_log SET actor_id = 99"));
    CHECK(read_all(*storage, where([&](auto& wanted) { wanted.actor = user_id{99}; })).empty());

    auto const forget = [&](chat::timestamp before, std::size_t limit) {
        return write(*storage,
                     [&](unit_of_work& unit) -> chat::result<std::size_t> {
                         return unit.forget_audit(before, limit);
                     })
            .value();
    };
    auto const all = read_all(*storage);
    CHECK(forget(all.back().at, 10) == 0);
    auto const after = all.front().at + 1ms;
    CHECK(forget(after, 2) == 2);
    CHECK(read_all(*storage).size() == 3);
    CHECK(read_all(*storage, where([&](auto& wanted) { wanted.actor = user_id{5}; })).size() == 1);
    CHECK(forget(after, 10) == 3);
    CHECK(read_all(*storage).empty());
    // Numbers are not given again.
    record(*storage, entry(audit_action::broadcast_all, 1)).value();
    CHECK(read_all(*storage).front().id > all.front().id);
}

TEST_CASE_TEMPLATE("a name that is no text does not keep an action from being recorded", Database,
                   BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    auto what = entry(audit_action::broadcast_all, 1);
    what.origin.actor.name = "\xff\xfe";
    CHECK(ok(record(*storage, what)));
    CHECK(read_all(*storage).front().actor.name == "(not text)");
}
