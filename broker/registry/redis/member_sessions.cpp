#include "broker/registry/redis/member.hpp"

#include "broker/registry/redis/post_answer.hpp"

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

// The sessions of users. Which of them are here is known here; Redis is asked for the others.
//
// An entry in `interests_` is "@<session> <transport> <since> <user>". Its user's is there as long:
// by it the sessions are found when they have to be swept, and the events for the user come here.

namespace broker::redis {

namespace {

// Users in one script: Redis does nothing else meanwhile.
constexpr std::size_t users_at_a_time = 256;

constexpr std::int64_t last_second = 253'402'300'799;  // of the year 9999

std::string key_of(std::string_view user, std::string_view id, std::string_view transport,
                   std::chrono::sys_seconds since) {
    std::string key("@");
    key.append(id).append(" ").append(transport).append(" ");
    key.append(std::to_string(since.time_since_epoch().count())).append(" ").append(user);
    return key;
}

interest user_interest(std::string_view user) {
    return {.kind = interest_kind::user, .name = std::string(user)};
}

std::string_view take_word(std::string_view& text) {
    auto const end = text.find(' ');
    std::string_view const word = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return word;
}

// From "<session> <transport> <since>" and a token.
placed_session session_of(std::string_view field, std::string_view token) {
    placed_session one;
    one.id = take_word(field);
    one.transport = take_word(field);
    std::int64_t since = 0;
    std::from_chars(field.data(), field.data() + field.size(), since);
    // Other times cannot be shown.
    if (since < 0 || since > last_second) since = 0;
    one.since = std::chrono::sys_seconds(std::chrono::seconds(since));
    one.node = id_of_token(token);
    return one;
}

// What several scripts count together.
struct counting {
    session_counts found;
    std::size_t scripts = 0;  // not answered
    unique_function<void(session_counts)> done;
};

}  // namespace

void member::enter_session(user_session const& what, executor& home, unique_function<void()> done) {
    sessions_.add(what);
    interests_.enter(redis::key_of(user_interest(what.user)), {});
    auto const key = key_of(what.user, what.id, what.transport, what.since);
    if (phase_ != phase::joined) {
        // Others know that this node is not found whole: nobody is told less by not waiting.
        interests_.enter(key, {});
        home.post(std::move(done));
        return;
    }
    interests_.enter(key,
                     [&home, done = std::move(done)]() mutable { home.post(std::move(done)); });
}

void member::leave_session(std::string_view user, std::string_view id) {
    auto const left = sessions_.remove(user, id);
    if (!left) return;
    interests_.leave(key_of(user, left->id, left->transport, left->since));
    interests_.leave(redis::key_of(user_interest(user)));
}

// Whether an answer that Redis gave in this generation knows of every session.
bool member::is_whole(reply const& generation) const {
    return generation.came() && view_.complete() && generation.text() == view_.generation();
}

void member::find_sessions(std::string const& user, std::size_t most, executor& home,
                           unique_function<void(found_sessions)> done) {
    auto finish = [this, user, most, &home, done = std::move(done)](reply const& answer) mutable {
        found_sessions found;
        sessions_.list(user, found.sessions);
        found.count = found.sessions.size() + answer.at(1).count();
        for (std::size_t i = 2; i + 1 < answer.size(); i += 2) {
            found.sessions.push_back(session_of(answer.at(i).text(), answer.at(i + 1).text()));
        }
        found.count = std::max<std::uint64_t>(found.count, found.sessions.size());
        trim_sessions(found.sessions, most);
        found.whole = is_whole(answer.at(0));
        post_answer(home, std::move(done), std::move(found));
    };
    if (connection_ == nullptr || phase_ == phase::joining) return finish(reply(nullptr));
    std::string const number = std::to_string(most);
    std::string_view const words[] = {options_.node, user, number};
    run(script::find, words, std::move(finish));
}

void member::count_sessions(std::vector<std::string> users, executor& home,
                            unique_function<void(session_counts)> done) {
    auto const all = std::make_shared<counting>();
    all->found.whole = connection_ != nullptr;
    all->done = std::move(done);
    for (auto const& user : users) all->found.counts.push_back(sessions_.count(user));
    if (connection_ == nullptr || phase_ == phase::joining || users.empty()) {
        all->found.whole = users.empty() && view_.complete();
        return post_answer(home, std::move(all->done), std::move(all->found));
    }
    all->scripts = (users.size() + users_at_a_time - 1) / users_at_a_time;
    for (std::size_t from = 0; from < users.size(); from += users_at_a_time) {
        auto const count = std::min(users_at_a_time, users.size() - from);
        std::vector<std::string_view> words{options_.node};
        words.insert(words.end(), users.begin() + static_cast<std::ptrdiff_t>(from),
                     users.begin() + static_cast<std::ptrdiff_t>(from + count));
        run(script::count, words, [this, all, from, count, &home](reply const& answer) {
            // Of another length it is the answer to something else.
            bool const fits = answer.size() == count + 1;
            for (std::size_t i = 0; fits && i != count; ++i) {
                all->found.counts[from + i] += answer.at(i + 1).count();
            }
            all->found.whole = all->found.whole && fits && is_whole(answer.at(0));
            if (--all->scripts == 0) {
                post_answer(home, std::move(all->done), std::move(all->found));
            }
        });
    }
}

}  // namespace broker::redis
