#include "persistence/batch_plan.hpp"

#include "persistence/postgres_arrays.hpp"

#include <doctest/doctest.h>

using namespace persistence;
using chat::errc;

namespace {

chat::new_message message(std::uint64_t room, std::uint64_t author, std::string content,
                          std::string key = {}) {
    chat::new_message made;
    made.room = chat::room_id{room};
    made.author = chat::user_id{author};
    made.content = std::move(content);
    made.idempotency_key = std::move(key);
    return made;
}

batch_facts facts() {
    batch_facts known;
    known.rooms[chat::room_id{1}] = {10, true};
    known.rooms[chat::room_id{2}] = {0, true};
    known.rooms[chat::room_id{3}] = {5, false};
    for (std::uint64_t const room : {1U, 2U, 3U}) {
        known.members[{chat::room_id{room}, chat::user_id{7}}] = "seven";
    }
    return known;
}

}  // namespace

TEST_CASE("rooms count on from their last seq, each for itself") {
    std::vector<chat::new_message> const batch{message(1, 7, "a"), message(2, 7, "b"),
                                               message(1, 7, "c")};
    auto const plan = plan_batch(batch, facts());
    REQUIRE(plan.rows.size() == 3);
    CHECK(plan.rows[0].seq == 11);
    CHECK(plan.rows[1].seq == 1);
    CHECK(plan.rows[2].seq == 12);
    CHECK(plan.last_seqs.at(chat::room_id{1}) == 12);
    CHECK(plan.last_seqs.at(chat::room_id{2}) == 1);
}

TEST_CASE("a refused message takes no number") {
    std::vector<chat::new_message> const batch{message(1, 7, "a"), message(1, 8, "stranger"),
                                               message(3, 7, "closed"), message(4, 7, "nowhere"),
                                               message(1, 7, "b")};
    auto const plan = plan_batch(batch, facts());
    REQUIRE(plan.rows.size() == 2);
    CHECK(plan.rows[1].index == 4);
    CHECK(plan.rows[1].seq == 12);
    CHECK(plan.outcomes[1].stored.error() == errc::not_a_member);
    CHECK(plan.outcomes[2].stored.error() == errc::room_inactive);
    CHECK(plan.outcomes[3].stored.error() == errc::no_such_room);
    CHECK(plan.last_seqs.size() == 1);
}

TEST_CASE("a message whose room others have locked is left, and takes no number") {
    std::vector<chat::new_message> const batch{message(2, 7, "x", "k"), message(1, 7, "a"),
                                               message(2, 7, "x", "k"), message(4, 7, "nowhere")};
    auto known = facts();
    known.rooms.erase(chat::room_id{2});
    known.locked_rooms.insert(chat::room_id{2});
    auto const plan = plan_batch(batch, known);
    CHECK(plan.held == std::vector<std::size_t>{0, 2});
    REQUIRE(plan.rows.size() == 1);
    CHECK(plan.rows[0].index == 1);
    CHECK(plan.repeats.empty());
    CHECK_FALSE(plan.last_seqs.contains(chat::room_id{2}));
    CHECK(plan.outcomes[3].stored.error() == errc::no_such_room);
}

TEST_CASE("a key of a refused message is free for the next") {
    std::vector<chat::new_message> const batch{message(4, 7, "x", "k"), message(1, 7, "y", "k")};
    auto const plan = plan_batch(batch, facts());
    CHECK(plan.outcomes[0].stored.error() == errc::no_such_room);
    CHECK(plan.rows.size() == 1);
}

TEST_CASE("a repeat in the batch gets the outcome of the first") {
    std::vector<chat::new_message> batch{message(1, 7, "x", "k"), message(1, 7, "x", "k"),
                                         message(1, 7, "y", "k")};
    auto const known = facts();
    auto plan = plan_batch(batch, known);
    REQUIRE(plan.rows.size() == 1);
    plan.rows[0].id = chat::message_id{99};
    finish_plan(batch, plan, chat::timestamp{});
    CHECK(plan.outcomes[0].stored->nickname == "seven");
    CHECK_FALSE(plan.outcomes[0].repeated);
    CHECK(plan.outcomes[1].repeated);
    CHECK(plan.outcomes[1].stored->id == chat::message_id{99});
    CHECK(plan.outcomes[2].stored.error() == errc::idempotency_conflict);
}

TEST_CASE("an array parameter has PostgreSQL's binary form") {
    array_parameter array(array_parameter::text_oid, 0);
    array.add(std::string_view("ab"));
    array.add_null();
    std::string const expected(
        "\0\0\0\1"    // dimensions
        "\0\0\0\1"    // has nulls
        "\0\0\0\x19"  // text
        "\0\0\0\2"
        "\0\0\0\1"  // two elements from 1
        "\0\0\0\2ab\xff\xff\xff\xff",
        30);
    CHECK(array.finish() == expected);
}
