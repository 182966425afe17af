#include "persistence/clock.hpp"
#include "persistence/columns.hpp"
#include "persistence/soci_unit_of_work.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <unordered_map>
#include <utility>

namespace persistence {

namespace {

using chat::errc;

#define ROOM_COLUMNS                                                                             \
    "r.id, r.name, r.study_id, r.type, r.deactivated_at, r.max_members, r.metadata, r.last_seq," \
    " r.member_count, r.created_at"

// Receives ROOM_COLUMNS.
class room_row {
public:
    explicit room_row(query& from) {
        from.out(id_).out(name_).out(study_).out(type_).out(deactivated_at_).out(max_members_);
        from.out(metadata_).out(last_seq_).out(member_count_).out(created_at_);
    }

    chat::room get() const {
        chat::room value;
        value.id = chat::room_id{id_};
        value.name = name_;
        if (study_) value.study = chat::study_id{static_cast<std::uint64_t>(*study_)};
        value.type = room_type_of(type_);
        value.active = !deactivated_at_;
        value.max_members = static_cast<std::uint32_t>(max_members_);
        value.metadata = metadata_;
        value.last_seq = last_seq_;
        value.member_count = static_cast<std::uint32_t>(member_count_);
        value.created_at = time_of_column(created_at_);
        return value;
    }

private:
    std::uint64_t id_ = 0;
    std::string name_;
    std::optional<std::int64_t> study_;
    std::int64_t type_ = 0;
    std::optional<std::int64_t> deactivated_at_;
    std::int64_t max_members_ = 0;
    std::string metadata_;
    std::uint64_t last_seq_ = 0;
    std::int64_t member_count_ = 0;
    std::int64_t created_at_ = 0;
};

chat::result<chat::room> one_room(query& asked) {
    room_row row(asked);
    if (!asked.one()) return errc::no_such_room;
    return row.get();
}

std::vector<chat::room> all_rooms(query& asked) {
    room_row row(asked);
    std::vector<chat::room> rooms;
    while (asked.next()) rooms.push_back(row.get());
    return rooms;
}

// The columns of a direct room, the smaller id first.
std::pair<std::uint64_t, std::uint64_t> ordered(chat::user_id first, chat::user_id second) {
    return std::minmax({first.value, second.value});
}

}  // namespace

chat::result<chat::room> soci_unit_of_work::create_room(chat::new_room const& fields) {
    if (!is_text(fields.name) || !is_text(fields.metadata)) return errc::bad_field;
    std::optional<std::int64_t> study;
    if (fields.study) study = static_cast<std::int64_t>(fields.study->value);
    chat::timestamp const created_at = now();

    std::uint64_t id = 0;
    query insert(session_,
                 "INSERT INTO rooms (name, study_id, type, max_members, metadata, created_at)"
                 " VALUES (:name, :study, :type, :max_members, :metadata, :now)"
                 " ON CONFLICT (study_id) DO NOTHING RETURNING id");
    insert.in("name", fields.name).in("study", study).in("type", to_column(fields.type));
    insert.in("max_members", std::int64_t{fields.max_members}).in("metadata", fields.metadata);
    insert.in("now", to_column(created_at)).out(id);
    if (!insert.one()) return errc::study_has_room;

    chat::room made;
    made.id = chat::room_id{id};
    made.name = fields.name;
    made.study = fields.study;
    made.type = fields.type;
    made.max_members = fields.max_members;
    made.metadata = fields.metadata;
    made.created_at = created_at;
    return made;
}

chat::result<chat::room> soci_unit_of_work::find_room(chat::room_id id) {
    query asked(session_, "SELECT " ROOM_COLUMNS " FROM rooms r WHERE r.id = :id");
    asked.in("id", id.value);
    return one_room(asked);
}

chat::result<chat::room> soci_unit_of_work::find_room_of_study(chat::study_id id) {
    query asked(session_, "SELECT " ROOM_COLUMNS " FROM rooms r WHERE r.study_id = :id");
    asked.in("id", id.value);
    return one_room(asked);
}

chat::result<chat::room> soci_unit_of_work::find_direct_room(chat::user_id first,
                                                             chat::user_id second) {
    auto const [low, high] = ordered(first, second);
    query asked(session_, "SELECT " ROOM_COLUMNS
                          " FROM rooms r WHERE r.direct_low = :low AND r.direct_high = :high"
                          // Who has left it is no member; open_direct_room brings them back.
                          " AND 2 = (SELECT count(*) FROM room_members m WHERE m.room_id = r.id"
                          "   AND m.user_id IN (:low, :high) AND m.left_at IS NULL)");
    asked.in("low", low).in("high", high);
    return one_room(asked);
}

chat::result<chat::room> soci_unit_of_work::open_direct_room(chat::user_id first,
                                                             chat::user_id second) {
    if (first == second) return errc::bad_field;
    auto found = find_direct_room(first, second);
    if (found) return found;
    auto const one = find_user(first);
    if (!one) return one.error();
    auto const other = find_user(second);
    if (!other) return other.error();

    auto const [low, high] = ordered(first, second);
    // When another transaction has just made it, this waits for its end.
    query(session_,
          "INSERT INTO rooms (name, type, direct_low, direct_high, max_members, created_at)"
          " VALUES ('', 2, :low, :high, 2, :now) ON CONFLICT (direct_low, direct_high) DO NOTHING")
        .in("low", low)
        .in("high", high)
        .in("now", to_column(now()))
        .run();
    std::uint64_t id = 0;
    query made(session_,
               "SELECT id FROM rooms WHERE direct_low = :low AND direct_high = :high {lock}");
    made.in("low", low).in("high", high).out(id);
    if (!made.one()) return errc::no_such_room;
    for (chat::user const* user : {&*one, &*other}) {
        auto added =
            add_member(chat::room_id{id}, user->id, user->nickname, chat::member_role::member);
        if (!added && added.error() != errc::already_a_member) return added.error();
    }
    return find_room(chat::room_id{id});
}

std::vector<chat::room> soci_unit_of_work::list_rooms(std::optional<chat::user_id> who,
                                                      chat::room_id after, std::size_t limit) {
    std::int64_t const from = clamp_to_column(after.value);
    std::int64_t const most = clamp_to_column(limit);
    std::vector<chat::room> rooms;
    {
        query open(session_, "SELECT " ROOM_COLUMNS
                             " FROM rooms r WHERE r.type = 0 AND r.id > :after"
                             " ORDER BY r.id LIMIT :limit");
        open.in("after", from).in("limit", most);
        rooms = all_rooms(open);
    }
    if (!who) return rooms;

    // Two walks along an index each: direct rooms may be many, and most are other people's.
    query own(session_, "SELECT " ROOM_COLUMNS
                        " FROM room_members m JOIN rooms r ON r.id = m.room_id"
                        " WHERE m.user_id = :who AND m.left_at IS NULL AND m.room_id > :after"
                        " AND r.type <> 0 ORDER BY m.room_id LIMIT :limit");
    own.in("who", who->value).in("after", from).in("limit", most);
    std::vector<chat::room> closed = all_rooms(own);
    std::vector<chat::room> merged;
    merged.reserve(rooms.size() + closed.size());
    std::merge(std::make_move_iterator(rooms.begin()), std::make_move_iterator(rooms.end()),
               std::make_move_iterator(closed.begin()), std::make_move_iterator(closed.end()),
               std::back_inserter(merged),
               [](chat::room const& a, chat::room const& b) { return a.id < b.id; });
    if (merged.size() > limit) merged.resize(limit);
    return merged;
}

bool soci_unit_of_work::any_room() {
    std::int64_t unused = 0;
    query asked(session_, "SELECT 1 FROM rooms LIMIT 1");
    return asked.out(unused).one();
}

std::vector<std::uint64_t> soci_unit_of_work::last_seqs(std::vector<chat::room_id> const& rooms) {
    std::string ids;
    for (auto const& room : rooms) {
        if (!ids.empty()) ids += ',';
        ids += std::to_string(room.value);
    }
    std::uint64_t id = 0;
    std::uint64_t last = 0;
    std::unordered_map<std::uint64_t, std::uint64_t> found;
    query asked(session_, "SELECT id, last_seq FROM rooms WHERE id IN ({ids})");
    asked.in("ids", std::string_view(ids)).out(id).out(last);
    while (asked.next()) found.emplace(id, last);

    std::vector<std::uint64_t> in_order;
    in_order.reserve(rooms.size());
    for (auto const& room : rooms) {
        auto const at = found.find(room.value);
        in_order.push_back(at == found.end() ? 0 : at->second);
    }
    return in_order;
}

}  // namespace persistence
