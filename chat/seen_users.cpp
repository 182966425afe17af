#include "chat/seen_users.hpp"

#include <utility>

namespace chat {

void seen_users::authenticate(broker::credentials const& offered, broker::executor& home,
                              broker::unique_function<void(broker::auth_outcome)> done) {
    auto answered = [this, &home, done = std::move(done)](broker::auth_outcome outcome) mutable {
        auto const* const who = std::get_if<broker::principal_ptr>(&outcome);
        auto const user = who != nullptr ? (*who)->user_id : std::nullopt;
        if (!user || is_known(user_id(*user))) return done(std::move(outcome));
        auto answer = [outcome = std::move(outcome), done = std::move(done)]() mutable {
            done(std::move(outcome));
        };
        make_known({user_id(*user), [&home, answer = std::move(answer)]() mutable {
                        home.post(std::move(answer));
                    }});
    };
    credentials_.authenticate(offered, home, std::move(answered));
}

bool seen_users::is_known(user_id user) {
    std::scoped_lock const lock(mutex_);
    return known_.contains(user);
}

void seen_users::make_known(newcomer who) {
    std::vector<newcomer> batch;
    {
        std::scoped_lock const lock(mutex_);
        gathered_.push_back(std::move(who));
        if (writing_) return;
        writing_ = true;
        batch = std::exchange(gathered_, {});
    }
    write(std::move(batch));
}

void seen_users::write(std::vector<newcomer> batch) {
    std::vector<user_id> users;
    users.reserve(batch.size());
    for (auto const& one : batch) users.push_back(one.user);
    auto work = [users = std::move(users)](unit_of_work& unit) {
        for (auto const user : users) unit.remember_user(user, {});
        return true;
    };
    auto done = [this, batch = std::move(batch)](boost::system::error_code failed) mutable {
        written(std::move(batch), !failed);
    };
    store_.run(access::read_write, std::move(work), std::move(done));
}

void seen_users::written(std::vector<newcomer> batch, bool committed) {
    for (auto& one : batch) one.known();
    std::vector<newcomer> next;
    {
        std::scoped_lock const lock(mutex_);
        if (known_.size() + batch.size() > memory) known_.clear();
        if (committed) {
            for (auto const& one : batch) known_.insert(one.user);
        }
        next = std::exchange(gathered_, {});
        writing_ = !next.empty();
    }
    if (!next.empty()) write(std::move(next));
}

}  // namespace chat
