#include "tests/persistence/database.hpp"

#include <doctest/doctest.h>
#include <limits>
#include <set>

using namespace tests;
using chat::errc;
using chat::unit_of_work;

namespace {

template <typename Range>
std::vector<std::uint64_t> ids(Range const& rooms) {
    std::vector<std::uint64_t> found;
    for (auto const& room : rooms) found.push_back(room.id.value);
    return found;
}

std::vector<std::uint64_t> listed(persistence::storage& in, std::optional<chat::user_id> who,
                                  std::uint64_t after, std::size_t limit) {
    return ids(read(in, [&](unit_of_work& unit) -> chat::result<std::vector<chat::room>> {
                   return unit.list_rooms(who, chat::room_id{after}, limit);
               }).value());
}

}  // namespace

TEST_CASE_TEMPLATE("a room is read back as it was made", Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    chat::new_room fields;
    fields.name = "스터디 'room' \\ :name";
    fields.study = chat::study_id{77};
    fields.type = chat::room_type::private_room;
    fields.max_members = std::numeric_limits<std::uint32_t>::max();
    fields.metadata = R"({"color":"red"})";

    auto const made = write(*storage, [&](unit_of_work& unit) { return unit.create_room(fields); });
    REQUIRE(ok(made));

    for (auto const& found :
         {read(*storage, [&](unit_of_work& unit) { return unit.find_room(made->id); }),
          read(*storage,
               [&](unit_of_work& unit) { return unit.find_room_of_study(chat::study_id{77}); })}) {
        REQUIRE(ok(found));
        CHECK(found->id == made->id);
        CHECK(found->name == fields.name);
        CHECK(found->study == fields.study);
        CHECK(found->type == fields.type);
        CHECK(found->max_members == fields.max_members);
        CHECK(found->metadata == fields.metadata);
        CHECK(found->active);
        CHECK(found->last_seq == 0);
        CHECK(found->member_count == 0);
        CHECK(found->created_at == made->created_at);
    }
}

TEST_CASE_TEMPLATE("a room that is not there is no_such_room", Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    for (std::uint64_t const id :
         {std::uint64_t{0}, std::uint64_t{99}, std::numeric_limits<std::uint64_t>::max()}) {
        auto const found =
            read(*storage, [&](unit_of_work& unit) { return unit.find_room(chat::room_id{id}); });
        CHECK(found.error() == errc::no_such_room);
        auto const study = read(*storage, [&](unit_of_work& unit) {
            return unit.find_room_of_study(chat::study_id{id});
        });
        CHECK(study.error() == errc::no_such_room);
    }
}

TEST_CASE_TEMPLATE("a study has one room, and the transaction goes on after the refusal", Database,
                   BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    chat::new_room fields;
    fields.study = chat::study_id{5};
    auto const first = make_room(*storage, {}, fields);

    auto const second = write(*storage, [&](unit_of_work& unit) -> chat::result<chat::room_id> {
        auto const refused = unit.create_room(fields);
        CHECK(refused.error() == errc::study_has_room);
        auto const other = unit.create_room({});
        if (!other) return other.error();
        return other->id;
    });

    REQUIRE(ok(second));
    CHECK(*second != first);
    CHECK(ok(read(*storage, [&](unit_of_work& unit) { return unit.find_room(*second); })));
}

TEST_CASE_TEMPLATE("text that is not UTF-8, or has a NUL, is a bad field", Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    for (std::string const& bad : {std::string("a\0b", 3), std::string("\xff")}) {
        chat::new_room fields;
        fields.name = bad;
        auto const made =
            write(*storage, [&](unit_of_work& unit) { return unit.create_room(fields); });
        CHECK(made.error() == errc::bad_field);
    }
}

TEST_CASE_TEMPLATE("rooms are listed as far as one may see them, by pages", Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    chat::new_room closed;
    closed.type = chat::room_type::private_room;
    auto const a = make_room(*storage, {1}).value;
    auto const b = make_room(*storage, {1}, closed).value;
    auto const c = make_room(*storage, {2}, closed).value;
    auto const d = make_room(*storage, {}).value;
    using list = std::vector<std::uint64_t>;

    CHECK(listed(*storage, std::nullopt, 0, 10) == list{a, d});
    CHECK(listed(*storage, chat::user_id{1}, 0, 10) == list{a, b, d});
    CHECK(listed(*storage, chat::user_id{2}, 0, 10) == list{a, c, d});
    CHECK(listed(*storage, chat::user_id{1}, 0, 2) == list{a, b});
    CHECK(listed(*storage, chat::user_id{1}, b, 2) == list{d});
    CHECK(listed(*storage, chat::user_id{1}, std::numeric_limits<std::uint64_t>::max(), 2).empty());
    CHECK(listed(*storage, chat::user_id{1}, 0, 0).empty());
    CHECK(listed(*storage, chat::user_id{1}, 0, std::numeric_limits<std::size_t>::max()).size() ==
          3);

    write(*storage, [&](unit_of_work& unit) {
        return unit.remove_member(chat::room_id{b}, chat::user_id{1});
    }).value();
    CHECK(listed(*storage, chat::user_id{1}, 0, 10) == list{a, d});
}

TEST_CASE_TEMPLATE("any_room says whether there is one", Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    auto const any = [&] {
        return read(*storage,
                    [](unit_of_work& unit) -> chat::result<bool> { return unit.any_room(); })
            .value();
    };
    CHECK_FALSE(any());
    make_room(*storage, {});
    CHECK(any());
}

TEST_CASE_TEMPLATE("a direct room is the same from both sides", Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    chat::user_id const ann{1};
    chat::user_id const bob{2};
    auto const open = [&](chat::user_id first, chat::user_id second) {
        return write(*storage,
                     [&](unit_of_work& unit) { return unit.open_direct_room(first, second); });
    };
    auto const find = [&](chat::user_id first, chat::user_id second) {
        return read(*storage,
                    [&](unit_of_work& unit) { return unit.find_direct_room(first, second); });
    };

    CHECK(open(ann, bob).error() == errc::no_such_user);
    CHECK(open(ann, ann).error() == errc::bad_field);
    write(*storage, [&](unit_of_work& unit) -> chat::result<bool> {
        unit.remember_user(ann, "Ann");
        unit.remember_user(bob, "Bob");
        return true;
    }).value();
    CHECK(find(ann, bob).error() == errc::no_such_room);

    auto const made = open(ann, bob);
    REQUIRE(ok(made));
    CHECK(made->type == chat::room_type::direct);
    CHECK(made->member_count == 2);
    CHECK(open(bob, ann)->id == made->id);
    CHECK(find(bob, ann)->id == made->id);
    auto const bobs =
        read(*storage, [&](unit_of_work& unit) { return unit.find_member(made->id, bob); });
    CHECK(bobs->nickname == "Bob");

    SUBCASE("who has left it comes back by opening it") {
        write(*storage, [&](unit_of_work& unit) {
            return unit.remove_member(made->id, bob);
        }).value();
        CHECK(find(ann, bob).error() == errc::no_such_room);
        CHECK(open(ann, bob)->id == made->id);
        CHECK(find(ann, bob)->member_count == 2);
    }
}

TEST_CASE_TEMPLATE("however many open a direct room at once, one comes of it", Database, BOTH) {
    Database database;
    auto options = database.options();
    options.threads = 4;
    // Two nodes.
    auto const one = open_storage(options);
    auto const other = open_storage(options);
    write(*one, [&](unit_of_work& unit) -> chat::result<bool> {
        for (std::uint64_t id = 1; id != 6; ++id) unit.remember_user(chat::user_id{id}, "u");
        return true;
    }).value();

    for (std::uint64_t partner = 2; partner != 6; ++partner) {
        std::mutex mutex;
        std::set<std::uint64_t> found;
        std::vector<std::thread> threads;
        for (int i = 0; i != 8; ++i) {
            threads.emplace_back([&, i] {
                auto const room = write(i % 2 == 0 ? *one : *other, [&](unit_of_work& unit) {
                    chat::user_id const me{1};
                    chat::user_id const you{partner};
                    return i < 4 ? unit.open_direct_room(me, you) : unit.open_direct_room(you, me);
                });
                std::lock_guard guard(mutex);
                found.insert(room.value().id.value);
            });
        }
        for (auto& thread : threads) thread.join();
        CHECK(found.size() == 1);
    }
    CHECK(database.number("SELECT count(*) FROM rooms") == 4);
    CHECK(database.number("SELECT count(*) FROM room_members") == 8);
}

TEST_CASE_TEMPLATE("the last numbers of many rooms are read in one go, in the order asked",
                   Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    auto const rooms =
        write(*storage, [](unit_of_work& unit) -> chat::result<std::vector<chat::room_id>> {
            std::vector<chat::room_id> made;
            for (int i = 0; i < 3; ++i) {
                chat::new_room fields;
                fields.name = "room";
                made.push_back(unit.create_room(fields)->id);
            }
            chat::new_message said;
            said.room = made[1];
            said.author = chat::user_id{7};
            said.content = "hi";
            (void)unit.append(said);
            (void)unit.append(said);
            return made;
        }).value();
    auto const asked = std::vector<chat::room_id>{rooms[2], chat::room_id{999'999}, rooms[1]};
    auto const seqs =
        read(*storage, [&](unit_of_work& unit) -> chat::result<std::vector<std::uint64_t>> {
            return unit.last_seqs(asked);
        }).value();
    CHECK(seqs == std::vector<std::uint64_t>{0, 0, 2});
    CHECK(read(*storage,
               [&](unit_of_work& unit) -> chat::result<std::vector<std::uint64_t>> {
                   return unit.last_seqs({});
               })
              .value()
              .empty());
}
