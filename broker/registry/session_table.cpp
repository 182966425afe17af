#include "broker/registry/session_table.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace broker {

void session_table::add(user_session const& what) {
    auto found = users_.find(what.user);
    if (found == users_.end()) found = users_.emplace(what.user, std::vector<entry>()).first;
    found->second.push_back({.id = what.id, .transport = what.transport, .since = what.since});
}

std::optional<placed_session> session_table::remove(std::string_view user, std::string_view id) {
    auto const found = users_.find(user);
    if (found == users_.end()) return std::nullopt;
    auto& sessions = found->second;
    auto const one = std::ranges::find(sessions, id, &entry::id);
    if (one == sessions.end()) return std::nullopt;
    auto taken = placed(*one);
    std::swap(*one, sessions.back());
    sessions.pop_back();
    if (sessions.empty()) users_.erase(found);
    return taken;
}

std::uint64_t session_table::count(std::string_view user) const {
    auto const found = users_.find(user);
    return found == users_.end() ? 0 : found->second.size();
}

void session_table::list(std::string_view user, std::vector<placed_session>& to) const {
    auto const found = users_.find(user);
    if (found == users_.end()) return;
    for (entry const& each : found->second) to.push_back(placed(each));
}

placed_session session_table::placed(entry const& from) const {
    return {.id = from.id, .transport = from.transport, .since = from.since, .node = node_};
}

void trim_sessions(std::vector<placed_session>& all, std::size_t most) {
    std::ranges::sort(all, {}, [](placed_session const& one) {
        return std::tuple(one.since, std::string_view(one.id));
    });
    if (all.size() > most) all.resize(most);
}

}  // namespace broker
