#include "persistence/clock.hpp"
#include "persistence/columns.hpp"
#include "persistence/soci_unit_of_work.hpp"

#include <algorithm>
#include <string>

namespace persistence {

namespace {

// One text for each way into the table, because each is planned once; what the filter leaves open
// is 0 or empty. In the order of the id, which is that of writing but for what ran at the same
// time.
#define AUDIT_PAGE(way_in)                                                        \
    "SELECT id, at, node, actor_id, actor_name, proof, action, room_id, user_id," \
    " message_id, details, request_id FROM audit_log WHERE " way_in               \
    " AND id < :before AND (CAST(:actor AS BIGINT) = 0 OR actor_id = :actor)"     \
    " AND (CAST(:room AS BIGINT) = 0 OR room_id = :room)"                         \
    " AND (CAST(:user AS BIGINT) = 0 OR user_id = :user)"                         \
    " AND (CAST(:name AS TEXT) = '' OR actor_name = :name)"                       \
    " AND (CAST(:action AS TEXT) = '' OR action = :action)"                       \
    " AND at >= :from_time AND at < :until_time ORDER BY id DESC LIMIT :limit"

char const* page_of(chat::audit_filter const& wanted) {
    if (wanted.user) return AUDIT_PAGE("user_id = :user");
    if (wanted.room) return AUDIT_PAGE("room_id = :room");
    if (wanted.actor) return AUDIT_PAGE("actor_id = :actor");
    return AUDIT_PAGE("id > 0");
}

template <typename Tag>
std::optional<std::int64_t> id_column(std::optional<chat::strong_id<Tag>> id) {
    if (!id) return std::nullopt;
    return clamp_to_column(id->value);
}

template <typename Tag>
std::int64_t or_zero(std::optional<chat::strong_id<Tag>> id) {
    return id_column(id).value_or(0);
}

template <typename Id>
std::optional<Id> id_of_column(std::optional<std::int64_t> column) {
    if (!column) return std::nullopt;
    return Id{static_cast<std::uint64_t>(*column)};
}

// What came with credentials may be no text, which the columns cannot hold.
std::string_view text_or_mark(std::string_view text) {
    return is_text(text) ? text : std::string_view("(not text)");
}

}  // namespace

void soci_unit_of_work::record(chat::new_audit_entry const& what) {
    auto const& origin = what.origin;
    query(session_,
          "INSERT INTO audit_log (at, node, actor_id, actor_name, proof, action, room_id, user_id,"
          " message_id, details, request_id) VALUES (:at, :node, :actor, :name, :proof, :action,"
          " :room, :user, :message, :details, :request)")
        .in("at", to_column(now()))
        .in("node", text_or_mark(node_))
        .in("actor", id_column(origin.actor.user))
        .in("name", text_or_mark(origin.actor.name))
        .in("proof", static_cast<std::int64_t>(origin.actor.shown))
        .in("action", name_of(what.action))
        .in("room", id_column(what.room))
        .in("user", id_column(what.user))
        .in("message", id_column(what.message))
        .in("details", what.details.empty() ? "{}" : std::string_view(what.details))
        .in("request", text_or_mark(origin.request_id))
        .run();
}

std::vector<chat::audit_entry> soci_unit_of_work::read_audit(chat::audit_filter const& wanted,
                                                             std::uint64_t before,
                                                             std::size_t limit) {
    query asked(session_, page_of(wanted));
    asked.in("before", clamp_to_column(before)).in("limit", clamp_to_column(limit));
    asked.in("actor", or_zero(wanted.actor)).in("room", or_zero(wanted.room));
    asked.in("user", or_zero(wanted.user)).in("name", std::string_view(wanted.actor_name));
    asked.in("action", wanted.action ? name_of(*wanted.action) : std::string_view());
    asked.in("from_time", to_column(wanted.from.value_or(chat::timestamp::min())));
    asked.in("until_time", to_column(wanted.until.value_or(chat::timestamp::max())));

    std::int64_t at = 0;
    std::int64_t shown = 0;
    std::optional<std::int64_t> actor;
    std::optional<std::int64_t> room;
    std::optional<std::int64_t> user;
    std::optional<std::int64_t> message;
    chat::audit_entry row;
    asked.out(row.id).out(at).out(row.node).out(actor).out(row.actor.name).out(shown);
    asked.out(row.action).out(room).out(user).out(message).out(row.details).out(row.request_id);
    std::vector<chat::audit_entry> found;
    while (asked.next()) {
        row.at = time_of_column(at);
        row.actor.user = id_of_column<chat::user_id>(actor);
        row.actor.shown = proof_of_column(shown);
        row.room = id_of_column<chat::room_id>(room);
        row.user = id_of_column<chat::user_id>(user);
        row.message = id_of_column<chat::message_id>(message);
        found.push_back(row);
    }
    return found;
}

std::size_t soci_unit_of_work::forget_audit(chat::timestamp before, std::size_t limit) {
    auto const gone = query(session_,
                            "DELETE FROM audit_log WHERE id IN (SELECT id FROM audit_log"
                            " WHERE at < :before ORDER BY at LIMIT :limit)")
                          .in("before", to_column(before))
                          .in("limit", clamp_to_column(limit))
                          .run();
    return static_cast<std::size_t>(std::max<std::int64_t>(0, gone));
}

}  // namespace persistence
