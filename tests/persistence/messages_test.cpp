#include "tests/persistence/database.hpp"

#include <doctest/doctest.h>
#include <limits>

using namespace tests;
using chat::errc;
using chat::unit_of_work;

namespace {

auto append(persistence::storage& in, chat::new_message message) {
    return write(in, [&](unit_of_work& unit) { return unit.append(message); });
}

using messages = std::vector<chat::stored_message>;

std::vector<std::uint64_t> seqs(chat::result<messages> const& found) {
    std::vector<std::uint64_t> all;
    for (auto const& message : found.value()) all.push_back(message.seq);
    return all;
}

}  // namespace

TEST_CASE_TEMPLATE("a message is read back as appended", Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    auto const room = make_room(*storage, {1});
    auto sent = message_of(room, 1, "안녕하세요! 👋 'quoted' \\ \"x\" :name ${1}\n");
    sent.type = chat::message_type::join;

    auto const before =
        std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    auto const stored = append(*storage, sent);
    REQUIRE(ok(stored));
    CHECK(stored->seq == 1);
    CHECK(stored->created_at >= before);
    CHECK(stored->created_at <= std::chrono::system_clock::now());

    auto const found = history(*storage, room);
    REQUIRE(found.size() == 1);
    CHECK(found[0].id == stored->id);
    CHECK(found[0].room == room);
    CHECK(found[0].seq == 1);
    CHECK(found[0].author == sent.author);
    CHECK(found[0].nickname == sent.nickname);
    CHECK(found[0].type == sent.type);
    CHECK(found[0].content == sent.content);
    CHECK(found[0].created_at == stored->created_at);
}

TEST_CASE_TEMPLATE("each room counts for itself, and ids never repeat", Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    auto const a = make_room(*storage, {1});
    auto const b = make_room(*storage, {1});
    auto const first = append(*storage, message_of(a, 1, "x")).value();
    auto const second = append(*storage, message_of(b, 1, "x")).value();
    auto const third = append(*storage, message_of(a, 1, "x")).value();
    CHECK(first.seq == 1);
    CHECK(second.seq == 1);
    CHECK(third.seq == 2);
    CHECK(first.id < second.id);
    CHECK(second.id < third.id);
    CHECK(append(*storage, message_of(chat::room_id{999}, 1, "x")).error() == errc::no_such_room);
}

TEST_CASE_TEMPLATE("pages of the history go both ways", Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    auto const room = make_room(*storage, {1});
    for (int i = 0; i != 5; ++i) append(*storage, message_of(room, 1, std::to_string(i))).value();
    auto const after = [&](std::uint64_t seq, std::size_t limit) {
        return seqs(read(*storage, [&](unit_of_work& unit) -> chat::result<messages> {
            return unit.read_after(room, seq, limit);
        }));
    };
    auto const before = [&](std::uint64_t seq, std::size_t limit) {
        return seqs(read(*storage, [&](unit_of_work& unit) -> chat::result<messages> {
            return unit.read_before(room, seq, limit);
        }));
    };
    using list = std::vector<std::uint64_t>;
    constexpr auto last = std::numeric_limits<std::uint64_t>::max();
    CHECK(after(0, 3) == list{1, 2, 3});
    CHECK(after(3, 3) == list{4, 5});
    CHECK(after(5, 3).empty());
    CHECK(after(last, 3).empty());
    CHECK(after(0, 0).empty());
    CHECK(before(last, 2) == list{5, 4});
    CHECK(before(4, 2) == list{3, 2});
    CHECK(before(1, 2).empty());
    CHECK(before(0, 2).empty());
    CHECK(before(last, last) == list{5, 4, 3, 2, 1});
}

TEST_CASE_TEMPLATE("an idempotency key stores once, and refuses another message", Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    auto const room = make_room(*storage, {1, 2});
    auto const other_room = make_room(*storage, {1});
    auto const first = append(*storage, message_of(room, 1, "once", "k")).value();

    auto const again = append(*storage, message_of(room, 1, "once", "k")).value();
    CHECK(again.seq == first.seq);
    CHECK(again.id == first.id);
    CHECK(again.created_at == first.created_at);
    CHECK(append(*storage, message_of(room, 1, "twice", "k")).error() ==
          errc::idempotency_conflict);
    auto other_type = message_of(room, 1, "once", "k");
    other_type.type = chat::message_type::leave;
    CHECK(append(*storage, other_type).error() == errc::idempotency_conflict);

    // The key is the author's own, in this room.
    CHECK(append(*storage, message_of(room, 2, "mine", "k")).value().seq == 2);
    CHECK(append(*storage, message_of(other_room, 1, "there", "k")).value().seq == 1);
    // Without a key nothing repeats.
    CHECK(append(*storage, message_of(room, 1, "same")).value().seq == 3);
    CHECK(append(*storage, message_of(room, 1, "same")).value().seq == 4);
    CHECK(gapless(*storage, room));
}

TEST_CASE_TEMPLATE("text that no database would take is a bad field", Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    auto const room = make_room(*storage, {1});
    for (std::string const& bad : {std::string("a\0b", 3), std::string("\xc3\x28")}) {
        CHECK(append(*storage, message_of(room, 1, bad)).error() == errc::bad_field);
        CHECK(append(*storage, message_of(room, 1, "x", bad)).error() == errc::bad_field);
    }
    CHECK(append(*storage, message_of(room, 1, "")).value().seq == 1);
    CHECK(history(*storage, room)[0].content.empty());
}

TEST_CASE_TEMPLATE("a long message is kept whole", Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    auto const room = make_room(*storage, {1});
    std::string const content(3'000'000, 'x');
    append(*storage, message_of(room, 1, content)).value();
    CHECK(history(*storage, room)[0].content == content);
}

TEST_CASE_TEMPLATE("the outbox is written only when someone empties it", Database, BOTH) {
    Database database;
    auto options = database.options();
    auto const room = make_room(*open_storage(options), {1});
    append(*open_storage(options), message_of(room, 1, "x")).value();
    CHECK(database.number("SELECT count(*) FROM outbox") == 0);
    options.outbox = true;
    append(*open_storage(options), message_of(room, 1, "y", "k")).value();
    append(*open_storage(options), message_of(room, 1, "y", "k")).value();
    CHECK(database.number("SELECT count(*) FROM outbox") == 1);
    CHECK(database.number("SELECT seq FROM outbox") == 2);
}
