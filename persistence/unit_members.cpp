#include "persistence/clock.hpp"
#include "persistence/columns.hpp"
#include "persistence/soci_unit_of_work.hpp"

#include <algorithm>

namespace persistence {

namespace {

using chat::errc;

#define MEMBER_COLUMNS "room_id, user_id, nickname, role, last_read_seq, joined_at"

// Receives MEMBER_COLUMNS.
class member_row {
public:
    explicit member_row(query& from) {
        from.out(room_).out(user_).out(nickname_).out(role_).out(last_read_seq_).out(joined_at_);
    }

    chat::member get() const {
        chat::member value;
        value.room = chat::room_id{room_};
        value.user = chat::user_id{user_};
        value.nickname = nickname_;
        value.role = member_role_of(role_);
        value.last_read_seq = last_read_seq_;
        value.joined_at = time_of_column(joined_at_);
        return value;
    }

private:
    std::uint64_t room_ = 0;
    std::uint64_t user_ = 0;
    std::string nickname_;
    std::int64_t role_ = 0;
    std::uint64_t last_read_seq_ = 0;
    std::int64_t joined_at_ = 0;
};

std::vector<chat::member> all_members(query& asked) {
    member_row row(asked);
    std::vector<chat::member> members;
    while (asked.next()) members.push_back(row.get());
    return members;
}

}  // namespace

chat::result<chat::member> soci_unit_of_work::add_member(chat::room_id room, chat::user_id user,
                                                         std::string_view nickname,
                                                         chat::member_role role) {
    if (!is_text(nickname)) return errc::bad_field;
    std::int64_t max_members = 0;
    std::int64_t count = 0;
    std::uint64_t last_seq = 0;
    {
        query asked(session_,
                    "SELECT max_members, member_count, last_seq FROM rooms WHERE id = :id {lock}");
        asked.in("id", room.value).out(max_members).out(count).out(last_seq);
        if (!asked.one()) return errc::no_such_room;
    }
    if (find_member(room, user)) return errc::already_a_member;
    if (max_members != 0 && count >= max_members) return errc::room_full;

    // Who comes back is the same row again. What was said before is not unread for a newcomer.
    chat::timestamp const joined_at = now();
    query(session_,
          "INSERT INTO room_members (room_id, user_id, role, nickname, joined_at, last_read_seq)"
          " VALUES (:room, :user, :role, :nickname, :now, :last_seq)"
          " ON CONFLICT (room_id, user_id) DO UPDATE SET role = excluded.role,"
          " nickname = excluded.nickname, joined_at = excluded.joined_at,"
          " last_read_seq = excluded.last_read_seq, left_at = NULL, muted_until = NULL")
        .in("room", room.value)
        .in("user", user.value)
        .in("role", to_column(role))
        .in("nickname", nickname)
        .in("now", to_column(joined_at))
        .in("last_seq", last_seq)
        .run();
    query(session_, "UPDATE rooms SET member_count = member_count + 1 WHERE id = :id")
        .in("id", room.value)
        .run();
    return chat::member{room, user, std::string(nickname), role, last_seq, joined_at};
}

chat::result<void> soci_unit_of_work::remove_member(chat::room_id room, chat::user_id user) {
    std::int64_t unused = 0;
    // The room first, as everywhere: it decides which of a removal and a message comes first.
    query asked(session_, "SELECT 1 FROM rooms WHERE id = :id {lock}");
    if (!asked.in("id", room.value).out(unused).one()) return errc::not_a_member;
    auto const changed = query(session_,
                               "UPDATE room_members SET left_at = :now"
                               " WHERE room_id = :room AND user_id = :user AND left_at IS NULL")
                             .in("now", to_column(now()))
                             .in("room", room.value)
                             .in("user", user.value)
                             .run();
    if (changed == 0) return errc::not_a_member;
    query(session_, "UPDATE rooms SET member_count = member_count - 1 WHERE id = :id")
        .in("id", room.value)
        .run();
    return {};
}

chat::result<chat::member> soci_unit_of_work::find_member(chat::room_id room, chat::user_id user) {
    query asked(session_, "SELECT " MEMBER_COLUMNS
                          " FROM room_members WHERE room_id = :room AND user_id = :user"
                          " AND left_at IS NULL");
    asked.in("room", room.value).in("user", user.value);
    member_row row(asked);
    if (!asked.one()) return errc::not_a_member;
    return row.get();
}

std::vector<chat::member> soci_unit_of_work::list_members(chat::room_id room, chat::user_id after,
                                                          std::size_t limit) {
    query asked(session_, "SELECT " MEMBER_COLUMNS
                          " FROM room_members WHERE room_id = :room AND user_id > :after"
                          " AND left_at IS NULL ORDER BY user_id LIMIT :limit");
    asked.in("room", room.value).in("after", clamp_to_column(after.value));
    asked.in("limit", clamp_to_column(limit));
    return all_members(asked);
}

chat::result<std::uint64_t> soci_unit_of_work::set_last_read(chat::room_id room, chat::user_id user,
                                                             std::uint64_t seq) {
    std::uint64_t last_seq = 0;
    {
        query asked(session_, "SELECT last_seq FROM rooms WHERE id = :id");
        if (!asked.in("id", room.value).out(last_seq).one()) return errc::not_a_member;
    }
    // last_seq only grows, so that this bound still holds when it is used.
    std::uint64_t const wanted = std::min(seq, last_seq);
    query(session_,
          "UPDATE room_members SET last_read_seq = :wanted WHERE room_id = :room"
          " AND user_id = :user AND left_at IS NULL AND last_read_seq < :wanted")
        .in("wanted", wanted)
        .in("room", room.value)
        .in("user", user.value)
        .run();
    auto const after = find_member(room, user);
    if (!after) return after.error();
    return after->last_read_seq;
}

std::vector<chat::member> soci_unit_of_work::memberships_of(chat::user_id user) {
    query asked(session_, "SELECT " MEMBER_COLUMNS
                          " FROM room_members WHERE user_id = :user AND left_at IS NULL"
                          " ORDER BY room_id");
    asked.in("user", user.value);
    return all_members(asked);
}

void soci_unit_of_work::remember_user(chat::user_id user, std::string_view nickname) {
    // A nickname that cannot be stored is no reason not to know the user.
    std::string_view const storable = is_text(nickname) ? nickname : std::string_view();
    auto const known = find_user(user);
    if (known && (storable.empty() || known->nickname == storable)) return;
    query(session_,
          "INSERT INTO users (id, nickname, created_at) VALUES (:id, :nickname, :now)"
          " ON CONFLICT (id) DO UPDATE SET nickname = excluded.nickname"
          " WHERE excluded.nickname <> ''")
        .in("id", user.value)
        .in("nickname", storable)
        .in("now", to_column(now()))
        .run();
}

chat::result<chat::user> soci_unit_of_work::find_user(chat::user_id user) {
    std::string nickname;
    query asked(session_, "SELECT nickname FROM users WHERE id = :id");
    if (!asked.in("id", user.value).out(nickname).one()) return errc::no_such_user;
    return chat::user{user, nickname};
}

}  // namespace persistence
