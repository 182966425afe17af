#include "tests/persistence/database.hpp"

#include <doctest/doctest.h>
#include <atomic>
#include <limits>

using namespace tests;
using chat::errc;
using chat::unit_of_work;

namespace {

auto join(persistence::storage& in, chat::room_id room, std::uint64_t user,
          chat::member_role role = chat::member_role::member) {
    return write(in, [=](unit_of_work& unit) {
        return unit.add_member(room, chat::user_id{user}, "nick", role);
    });
}

auto leave(persistence::storage& in, chat::room_id room, std::uint64_t user) {
    return write(in,
                 [=](unit_of_work& unit) { return unit.remove_member(room, chat::user_id{user}); });
}

auto member(persistence::storage& in, chat::room_id room, std::uint64_t user) {
    return read(in,
                [=](unit_of_work& unit) { return unit.find_member(room, chat::user_id{user}); });
}

std::uint32_t count(persistence::storage& in, chat::room_id room) {
    return read(in, [=](unit_of_work& unit) { return unit.find_room(room); }).value().member_count;
}

}  // namespace

TEST_CASE_TEMPLATE("a member is read back as added", Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    auto const room = make_room(*storage, {});

    auto const added = join(*storage, room, 7, chat::member_role::owner);
    REQUIRE(ok(added));
    auto const found = member(*storage, room, 7);
    REQUIRE(ok(found));
    CHECK(found->room == room);
    CHECK(found->user == chat::user_id{7});
    CHECK(found->nickname == "nick");
    CHECK(found->role == chat::member_role::owner);
    CHECK(found->joined_at == added->joined_at);
    CHECK(found->last_read_seq == 0);
    CHECK(count(*storage, room) == 1);
}

TEST_CASE_TEMPLATE("adding and removing refuse what makes no sense", Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    chat::new_room small;
    small.max_members = 2;
    auto const room = make_room(*storage, {1, 2}, small);

    CHECK(join(*storage, chat::room_id{999}, 1).error() == errc::no_such_room);
    CHECK(join(*storage, room, 2).error() == errc::already_a_member);
    CHECK(join(*storage, room, 3).error() == errc::room_full);
    CHECK(leave(*storage, room, 3).error() == errc::not_a_member);
    CHECK(leave(*storage, chat::room_id{999}, 3).error() == errc::not_a_member);
    CHECK(member(*storage, room, 3).error() == errc::not_a_member);

    CHECK(ok(leave(*storage, room, 2)));
    CHECK(leave(*storage, room, 2).error() == errc::not_a_member);
    CHECK(member(*storage, room, 2).error() == errc::not_a_member);
    CHECK(count(*storage, room) == 1);
    CHECK(ok(join(*storage, room, 3)));
    CHECK(count(*storage, room) == 2);
}

TEST_CASE_TEMPLATE("who comes back is a member anew, and one row", Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    auto const room = make_room(*storage, {1, 2});
    leave(*storage, room, 2).value();
    write(*storage, [&](unit_of_work& unit) {
        return unit.append(message_of(room, 1, "while you were away"));
    }).value();

    auto const back = join(*storage, room, 2, chat::member_role::admin);
    REQUIRE(ok(back));
    CHECK(back->last_read_seq == 1);
    CHECK(member(*storage, room, 2)->role == chat::member_role::admin);
    CHECK(member(*storage, room, 2)->last_read_seq == 1);
    CHECK(database.number("SELECT count(*) FROM room_members WHERE user_id = 2") == 1);
    CHECK(count(*storage, room) == 2);
}

TEST_CASE_TEMPLATE("members are listed by pages in the order of their ids", Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    auto const room = make_room(*storage, {30, 10, 20, 40});
    leave(*storage, room, 20).value();
    auto const page = [&](std::uint64_t after, std::size_t limit) {
        auto const members =
            read(*storage, [&](unit_of_work& unit) -> chat::result<std::vector<chat::member>> {
                return unit.list_members(room, chat::user_id{after}, limit);
            }).value();
        std::vector<std::uint64_t> users;
        for (auto const& each : members) users.push_back(each.user.value);
        return users;
    };
    using list = std::vector<std::uint64_t>;
    CHECK(page(0, 10) == list{10, 30, 40});
    CHECK(page(0, 2) == list{10, 30});
    CHECK(page(30, 2) == list{40});
    CHECK(page(40, 2).empty());
    CHECK(page(0, 0).empty());
}

TEST_CASE_TEMPLATE("memberships are those that last", Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    auto const first = make_room(*storage, {1, 2});
    auto const second = make_room(*storage, {1});
    auto const third = make_room(*storage, {1});
    leave(*storage, second, 1).value();
    auto const rooms =
        read(*storage, [&](unit_of_work& unit) -> chat::result<std::vector<chat::member>> {
            return unit.memberships_of(chat::user_id{1});
        }).value();
    REQUIRE(rooms.size() == 2);
    CHECK(rooms[0].room == first);
    CHECK(rooms[1].room == third);
}

TEST_CASE_TEMPLATE("the last read seq moves forward only, and not past the room's", Database,
                   BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    auto const room = make_room(*storage, {1});
    for (int i = 0; i != 5; ++i) {
        write(*storage, [&](unit_of_work& unit) {
            return unit.append(message_of(room, 1, "hello"));
        }).value();
    }
    auto const read_up_to = [&](std::uint64_t user, std::uint64_t seq) {
        return write(*storage, [&](unit_of_work& unit) {
            return unit.set_last_read(room, chat::user_id{user}, seq);
        });
    };
    CHECK(read_up_to(1, 3).value() == 3);
    CHECK(read_up_to(1, 2).value() == 3);
    CHECK(read_up_to(1, 0).value() == 3);
    CHECK(read_up_to(1, 4).value() == 4);
    CHECK(read_up_to(1, std::numeric_limits<std::uint64_t>::max()).value() == 5);
    CHECK(member(*storage, room, 1)->last_read_seq == 5);
    CHECK(read_up_to(2, 1).error() == errc::not_a_member);
    leave(*storage, room, 1).value();
    CHECK(read_up_to(1, 5).error() == errc::not_a_member);
}

TEST_CASE_TEMPLATE("a maximum of members holds however many join at once", Database, BOTH) {
    Database database;
    auto options = database.options();
    options.threads = 4;
    auto const one = open_storage(options);
    auto const other = open_storage(options);
    chat::new_room small;
    small.max_members = 5;
    auto const room = make_room(*one, {}, small);

    std::atomic<int> joined = 0;
    std::atomic<int> full = 0;
    std::vector<std::thread> threads;
    for (std::uint64_t user = 1; user != 17; ++user) {
        threads.emplace_back([&, user] {
            auto const added = join(user % 2 == 0 ? *one : *other, room, user);
            ++(added ? joined : full);
            if (!added) CHECK(added.error() == errc::room_full);
        });
    }
    for (auto& thread : threads) thread.join();

    CHECK(joined == 5);
    CHECK(full == 11);
    CHECK(count(*one, room) == 5);
    CHECK(database.number("SELECT count(*) FROM room_members WHERE left_at IS NULL") == 5);
}

TEST_CASE_TEMPLATE("a user is known from the first time, under the last nickname told", Database,
                   BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    auto const remember = [&](std::string_view nickname) {
        write(*storage, [&](unit_of_work& unit) -> chat::result<bool> {
            unit.remember_user(chat::user_id{1}, nickname);
            return true;
        }).value();
    };
    auto const find = [&] {
        return read(*storage, [](unit_of_work& unit) { return unit.find_user(chat::user_id{1}); });
    };
    CHECK(find().error() == errc::no_such_user);
    remember("");
    CHECK(find()->nickname.empty());
    remember("길동");
    CHECK(find()->nickname == "길동");
    remember("");
    CHECK(find()->nickname == "길동");
    remember("Hong");
    CHECK(find()->nickname == "Hong");
    remember(std::string_view("a\0b", 3));
    CHECK(find()->nickname == "Hong");
}
