#include "persistence/clock.hpp"
#include "persistence/columns.hpp"
#include "persistence/soci_unit_of_work.hpp"

#include <algorithm>
#include <map>
#include <optional>
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

void join(std::string& numbers, std::uint64_t number) {
    if (!numbers.empty()) numbers += ',';
    numbers += std::to_string(number);
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
    std::string ids;
    for (auto const user : users) join(ids, user.value);
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
    chat::user_id user, std::vector<chat::message_place> const& messages) {
    using ids_by_seq = std::map<std::uint64_t, chat::message_id>;
    std::map<chat::room_id, ids_by_seq> rooms;  // so that all take rows in one order
    for (auto const& message : messages) rooms[message.room][message.seq] = message.id;
    std::vector<chat::stored_message> missing;
    for (auto const& [room, delivered] : rooms) {
        std::string told;
        for (auto const& [seq, id] : delivered) join(told, seq);
        std::string seqs;
        std::uint64_t reached = 0;
        {
            // What a failover has lost may have been delivered: another message has its seq then.
            // One by one: a join may be planned along the whole room.
            std::uint64_t seq = 0;
            std::optional<std::int64_t> id;
            query asked(session_,
                        "SELECT told.number, (SELECT m.id FROM messages m"
                        " WHERE m.room_id = :room AND m.seq = told.number)"
                        " FROM ({ids}) AS told");
            asked.in("room", room.value).in("ids", std::string_view(told)).out(seq).out(id);
            while (asked.next()) {
                if (!id || delivered.at(seq).value != static_cast<std::uint64_t>(*id)) continue;
                join(seqs, seq);
                reached = std::max(reached, seq);
            }
        }
        if (reached == 0) continue;
        {
            query asked(session_,
                        "SELECT " DIRECT_COLUMNS " FROM room_members p JOIN messages m ON" OWED
                        " WHERE p.room_id = :room AND p.user_id = :user"
                        " AND p.left_at IS NULL AND m.seq < :seq"
                        " AND m.seq NOT IN ({ids}) ORDER BY m.seq LIMIT :limit");
            asked.in("room", room.value).in("user", user.value).in("seq", reached);
            asked.in("ids", std::string_view(seqs)).in("limit", missing_page);
            auto const here = all_messages(asked);
            if (!here.empty()) reached = here.front().seq - 1;
            missing.insert(missing.end(), here.begin(), here.end());
        }
        // Another node may have come further.
        query(session_,
              "UPDATE room_members SET delivered_seq = :reached"
              " WHERE room_id = :room AND user_id = :user AND delivered_seq < :reached")
            .in("reached", reached)
            .in("room", room.value)
            .in("user", user.value)
            .run();
    }
    return missing;
}

}  // namespace persistence
