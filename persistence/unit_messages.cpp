#include "persistence/batch_plan.hpp"
#include "persistence/clock.hpp"
#include "persistence/columns.hpp"
#include "persistence/soci_unit_of_work.hpp"

#include <utility>

namespace persistence {

namespace {

using chat::errc;

#define MESSAGE_COLUMNS "id, seq, author_id, nickname, type, content, created_at"

// Receives MESSAGE_COLUMNS.
class message_row {
public:
    explicit message_row(query& from) {
        from.out(id_).out(seq_).out(author_).out(nickname_).out(type_).out(content_);
        from.out(created_at_);
    }

    chat::stored_message get(chat::room_id room) const {
        chat::stored_message value;
        value.id = chat::message_id{id_};
        value.room = room;
        value.seq = seq_;
        value.author = chat::user_id{author_};
        value.nickname = nickname_;
        value.type = message_type_of(type_);
        value.content = content_;
        value.created_at = time_of_column(created_at_);
        return value;
    }

private:
    std::uint64_t id_ = 0;
    std::uint64_t seq_ = 0;
    std::uint64_t author_ = 0;
    std::string nickname_;
    std::int64_t type_ = 0;
    std::string content_;
    std::int64_t created_at_ = 0;
};

std::vector<chat::stored_message> all_messages(query& asked, chat::room_id room) {
    message_row row(asked);
    std::vector<chat::stored_message> messages;
    while (asked.next()) messages.push_back(row.get(room));
    return messages;
}

void add_to_outbox(sql_session& session, chat::outbox_kind kind,
                   chat::stored_message const& message) {
    query(session,
          "INSERT INTO outbox (event, room_id, seq, created_at)"
          " VALUES (:event, :room, :seq, :now)")
        .in("event", to_column(kind))
        .in("room", message.room.value)
        .in("seq", message.seq)
        .in("now", to_column(message.created_at))
        .run();
}

}  // namespace

chat::result<chat::stored_message> soci_unit_of_work::append(chat::new_message const& fields) {
    if (!storable(fields)) return errc::bad_field;
    chat::stored_message stored;
    {
        query asked(session_, "SELECT last_seq FROM rooms WHERE id = :id {lock}");
        if (!asked.in("id", fields.room.value).out(stored.seq).one()) return errc::no_such_room;
    }
    if (!fields.idempotency_key.empty()) {
        auto earlier = find_earlier(fields);
        if (earlier || earlier.error() != errc::no_such_message) return earlier;
    }
    ++stored.seq;
    stored.room = fields.room;
    stored.author = fields.author;
    stored.nickname = fields.nickname;
    stored.type = fields.type;
    stored.content = fields.content;
    stored.created_at = now();

    std::uint64_t id = 0;
    query insert(session_,
                 "INSERT INTO messages (room_id, seq, author_id, nickname, type, content,"
                 " idempotency_key, created_at) VALUES (:room, :seq, :author, :nickname, :type,"
                 " :content, nullif(:key, ''), :now) RETURNING id");
    insert.in("room", fields.room.value).in("seq", stored.seq).in("author", fields.author.value);
    insert.in("nickname", fields.nickname).in("type", to_column(fields.type));
    insert.in("content", fields.content).in("key", fields.idempotency_key);
    insert.in("now", to_column(stored.created_at)).out(id).one();
    stored.id = chat::message_id{id};
    query(session_, "UPDATE rooms SET last_seq = :seq WHERE id = :id")
        .in("seq", stored.seq)
        .in("id", fields.room.value)
        .run();
    if (outbox_) {
        add_to_outbox(session_, chat::outbox_kind::message_created, stored);
        if (fields.invited) add_to_outbox(session_, chat::outbox_kind::member_invited, stored);
    }
    return stored;
}

// The message that has the key already; no_such_message when none has.
chat::result<chat::stored_message> soci_unit_of_work::find_earlier(
    chat::new_message const& fields) {
    std::int64_t changed_since = 0;
    query asked(session_, "SELECT " MESSAGE_COLUMNS
                          ", CASE WHEN edited_at IS NULL AND deleted_at IS NULL THEN 0 ELSE 1 END"
                          " FROM messages WHERE room_id = :room AND author_id = :author"
                          " AND idempotency_key = :key");
    asked.in("room", fields.room.value).in("author", fields.author.value);
    asked.in("key", fields.idempotency_key);
    message_row row(asked);
    if (!asked.out(changed_since).one()) return errc::no_such_message;
    chat::stored_message earlier = row.get(fields.room);
    if (changed_since == 0 && (earlier.type != fields.type || earlier.content != fields.content)) {
        return errc::idempotency_conflict;
    }
    return earlier;
}

std::vector<chat::stored_message> soci_unit_of_work::read_after(chat::room_id room,
                                                                std::uint64_t seq,
                                                                std::size_t limit) {
    query asked(session_, "SELECT " MESSAGE_COLUMNS
                          " FROM messages WHERE room_id = :room AND seq > :seq"
                          " ORDER BY seq LIMIT :limit");
    asked.in("room", room.value).in("seq", clamp_to_column(seq));
    asked.in("limit", clamp_to_column(limit));
    return all_messages(asked, room);
}

std::vector<chat::stored_message> soci_unit_of_work::read_before(chat::room_id room,
                                                                 std::uint64_t seq,
                                                                 std::size_t limit) {
    query asked(session_, "SELECT " MESSAGE_COLUMNS
                          " FROM messages WHERE room_id = :room AND seq < :seq"
                          " ORDER BY seq DESC LIMIT :limit");
    asked.in("room", room.value).in("seq", clamp_to_column(seq));
    asked.in("limit", clamp_to_column(limit));
    return all_messages(asked, room);
}

}  // namespace persistence
