#include "broker/registry/local_user_sessions.hpp"

#include <utility>

namespace broker {

void local_user_sessions::enter_session(user_session what, executor& home,
                                        unique_function<void()> done) {
    {
        std::lock_guard const lock(mutex_);
        table_.add(what);
    }
    home.post(std::move(done));
}

void local_user_sessions::leave_session(std::string_view user, std::string_view id) {
    std::lock_guard const lock(mutex_);
    table_.remove(user, id);
}

void local_user_sessions::find_sessions(std::string user, std::size_t most, executor& home,
                                        unique_function<void(found_sessions)> done) {
    found_sessions found{.count = 0, .sessions = {}, .whole = alone_};
    {
        std::lock_guard const lock(mutex_);
        table_.list(user, found.sessions);
    }
    found.count = found.sessions.size();
    trim_sessions(found.sessions, most);
    home.post(
        [found = std::move(found), done = std::move(done)]() mutable { done(std::move(found)); });
}

void local_user_sessions::count_sessions(std::vector<std::string> users, executor& home,
                                         unique_function<void(session_counts)> done) {
    session_counts found{.counts = {}, .whole = alone_};
    {
        std::lock_guard const lock(mutex_);
        for (auto const& user : users) found.counts.push_back(table_.count(user));
    }
    home.post(
        [found = std::move(found), done = std::move(done)]() mutable { done(std::move(found)); });
}

}  // namespace broker
