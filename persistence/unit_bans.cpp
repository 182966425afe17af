#include "persistence/clock.hpp"
#include "persistence/columns.hpp"
#include "persistence/soci_unit_of_work.hpp"

namespace persistence {

std::vector<chat::ban> soci_unit_of_work::list_bans() {
    query asked(session_, "SELECT name, banned_by, since, reason FROM bans ORDER BY name");
    chat::ban row;
    std::int64_t since = 0;
    asked.out(row.user).out(row.by).out(since).out(row.reason);
    std::vector<chat::ban> found;
    while (asked.next()) {
        row.since = time_of_column(since);
        found.push_back(row);
    }
    return found;
}

void soci_unit_of_work::put_ban(chat::ban const& what) {
    query(session_,
          "INSERT INTO bans (name, banned_by, since, reason)"
          " VALUES (:name, :by, :since, :reason)"
          " ON CONFLICT (name) DO UPDATE SET banned_by = excluded.banned_by,"
          " since = excluded.since, reason = excluded.reason")
        .in("name", std::string_view(what.user))
        .in("by", std::string_view(what.by))
        .in("since", to_column(what.since))
        .in("reason", std::string_view(what.reason))
        .run();
}

bool soci_unit_of_work::lift_ban(std::string_view user) {
    return query(session_, "DELETE FROM bans WHERE name = :name").in("name", user).run() > 0;
}

}  // namespace persistence
