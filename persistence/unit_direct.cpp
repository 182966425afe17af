#include "persistence/clock.hpp"
#include "persistence/columns.hpp"
#include "persistence/soci_unit_of_work.hpp"

#include <algorithm>
#include <map>
#include <string>

// Which direct messages have reached their receiver. One number per member and room says it: what
// the other one wrote up to there has been delivered.

namespace persistence {

namespace {

constexpr std::uint64_t missing_page = 100;

#define DIRECT_COLUMNS "m.id, m.room_id, m.seq, m.author_id, m.nickname, m.content, m.created_at"

// What room_members p is still owed in the room of messages m.
#define OWED                                                                         \
    " m.room_id = p.room_id AND m.seq > p.delivered_seq AND m.seq > p.last_read_seq" \
    " AND m.author_id <> p.user_id AND m.type = 0 AND m.deleted_at IS NULL"

// Receives DIRECT_COLUMNS.
std::vector<chat::stored_message> all_messages(query& asked) {
    std::uint64_t id = 0;
    std::uint64_t room = 0;
    std::uint64_t author = 0;
    std::int64_t created_at = 0;
    chat::stored_message row;
    asked.out(id).out(room).out(row.seq).out(author).out(row.nickname).out(row.content);
    asked.out(created_at);
    std::vector<chat::stored_message> messages;
    while (asked.next()) {
        row.id = chat::message_id{id};
        row.room = chat::room_id{room};
        row.author = chat::user_id{author};
        row.created_at = time_of_column(created_at);
        messages.push_back(row);
    }
    return messages;
}

template <typename Id>
std::string joined(std::vector<Id> const& numbers) {
    std::string ids;
    for (auto const& number : numbers) {
        if (!ids.empty()) ids += ',';
        ids += std::to_string(number.value);
    }
    return ids;
}

}  // namespace

std::vector<chat::stored_message> soci_unit_of_work::undelivered(chat::user_id user,
                                                                 chat::message_id after,
                                                                 std::size_t limit) {
    // "+ 0": from the member's rooms to their messages, never along all messages by id.
    query asked(
        session_,
        "SELECT " DIRECT_COLUMNS
        " FROM room_members p"
        " JOIN rooms r ON r.id = p.room_id"
        " JOIN messages m ON" OWED
        " WHERE p.user_id = :user AND p.left_at IS NULL AND r.type = 2"
        " AND r.last_seq > p.delivered_seq AND r.last_seq > p.last_read_seq AND m.id + 0 > :after"
        " ORDER BY m.id + 0 LIMIT :limit");
    asked.in("user", user.value).in("after", clamp_to_column(after.value));
    asked.in("limit", clamp_to_column(limit));
    return all_messages(asked);
}

std::vector<chat::owed_message> soci_unit_of_work::newest_undelivered(
    std::vector<chat::user_id> const& users) {
    std::string const ids = joined(users);
    std::uint64_t user = 0;
    std::uint64_t message = 0;
    // From a room's end backwards: one message of it is enough.
    query asked(session_,
                "SELECT user_id, newest FROM (SELECT p.user_id AS user_id,"
                " (SELECT m.id FROM messages m WHERE" OWED
                "  ORDER BY m.seq DESC LIMIT 1) AS newest"
                " FROM room_members p JOIN rooms r ON r.id = p.room_id"
                " WHERE p.user_id IN ({ids}) AND p.left_at IS NULL AND r.type = 2"
                " AND r.last_seq > p.delivered_seq AND r.last_seq > p.last_read_seq)"
                " AS rooms_of_users"
                " WHERE newest IS NOT NULL ORDER BY user_id");
    asked.in("ids", std::string_view(ids)).out(user).out(message);
    std::vector<chat::owed_message> owed;
    while (asked.next()) owed.push_back({chat::user_id{user}, chat::message_id{message}});
    return owed;
}

std::vector<chat::stored_message> soci_unit_of_work::mark_delivered(
    chat::user_id user, std::vector<chat::message_id> const& messages) {
    std::string const ids = joined(messages);
    std::map<std::uint64_t, std::uint64_t> highest;  // by room, so that all take rows in one order
    {
        std::uint64_t room = 0;
        std::uint64_t seq = 0;
        query asked(session_, "SELECT room_id, seq FROM messages WHERE id IN ({ids})");
        asked.in("ids", std::string_view(ids)).out(room).out(seq);
        while (asked.next()) highest[room] = std::max(highest[room], seq);
    }
    std::vector<chat::stored_message> missing;
    for (auto const& [room, seq] : highest) {
        std::uint64_t reached = seq;
        {
            query asked(session_,
                        "SELECT " DIRECT_COLUMNS " FROM room_members p JOIN messages m ON" OWED
                        " WHERE p.room_id = :room AND p.user_id = :user"
                        " AND p.left_at IS NULL AND m.seq < :seq"
                        " AND m.id NOT IN ({ids}) ORDER BY m.seq LIMIT :limit");
            asked.in("room", room).in("user", user.value).in("seq", seq);
            asked.in("ids", std::string_view(ids)).in("limit", missing_page);
            auto const here = all_messages(asked);
            if (!here.empty()) reached = here.front().seq - 1;
            missing.insert(missing.end(), here.begin(), here.end());
        }
        // Another node may have come further.
        query(session_,
              "UPDATE room_members SET delivered_seq = :reached"
              " WHERE room_id = :room AND user_id = :user AND delivered_seq < :reached")
            .in("reached", reached)
            .in("room", room)
            .in("user", user.value)
            .run();
    }
    return missing;
}

}  // namespace persistence
