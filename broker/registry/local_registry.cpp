#include "broker/registry/local_registry.hpp"

#include <utility>

namespace broker {

local_registry::local_registry(std::string node, std::function<void(presence_change)> on_change)
    : node_(std::move(node)), on_change_(std::move(on_change)) {}

void local_registry::enter(interest /*what*/, executor& home, unique_function<void()> done) {
    home.post(std::move(done));
}

void local_registry::leave(interest const& /*what*/) {}

void local_registry::find(std::vector<interest> what,
                          unique_function<void(std::optional<interested_nodes>)> done) {
    done(interested_nodes(what.size()));
}

void local_registry::claim(std::string session, executor& home,
                           unique_function<void(std::optional<session_owner>)> done) {
    {
        std::lock_guard const lock(mutex_);
        sessions_.insert(std::move(session));
    }
    home.post([this, done = std::move(done)]() mutable {
        done(session_owner{.here = true, .node = node_, .internal_address = {}});
    });
}

void local_registry::find(std::string session, executor& home,
                          unique_function<void(std::optional<session_owner>)> done) {
    std::optional<session_owner> owner;
    {
        std::lock_guard const lock(mutex_);
        if (sessions_.contains(session)) {
            owner = session_owner{.here = true, .node = node_, .internal_address = {}};
        }
    }
    home.post(
        [owner = std::move(owner), done = std::move(done)]() mutable { done(std::move(owner)); });
}

void local_registry::release(std::string session) {
    std::lock_guard const lock(mutex_);
    sessions_.erase(session);
}

void local_registry::enter_room_user(std::string room, std::string user) {
    std::lock_guard const lock(mutex_);
    if (++rooms_[room][user] == 1 && on_change_) {
        on_change_({.room = std::move(room), .user = std::move(user), .present = true});
    }
}

void local_registry::leave_room_user(std::string room, std::string user) {
    std::lock_guard const lock(mutex_);
    auto const users = rooms_.find(room);
    if (users == rooms_.end()) return;
    auto const sessions = users->second.find(user);
    if (sessions == users->second.end() || --sessions->second != 0) return;
    users->second.erase(sessions);
    if (users->second.empty()) rooms_.erase(users);
    if (on_change_) {
        on_change_({.room = std::move(room), .user = std::move(user), .present = false});
    }
}

void local_registry::find_room_users(std::string room, std::size_t most, executor& home,
                                     unique_function<void(std::optional<room_presence>)> done) {
    room_presence found;
    {
        std::lock_guard const lock(mutex_);
        auto const users = rooms_.find(room);
        if (users != rooms_.end()) {
            found.count = users->second.size();
            for (auto const& [user, sessions] : users->second) {
                if (found.users.size() == most) break;
                found.users.push_back(user);
            }
        }
    }
    home.post(
        [found = std::move(found), done = std::move(done)]() mutable { done(std::move(found)); });
}

}  // namespace broker
