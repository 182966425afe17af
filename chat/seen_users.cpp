#include "chat/seen_users.hpp"

#include <algorithm>
#include <iterator>
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
        make_known(user_id(*user),
                   [&home, answer = std::move(answer)]() mutable { home.post(std::move(answer)); });
    };
    credentials_.authenticate(offered, home, std::move(answered));
}

bool seen_users::is_known(user_id user) {
    std::scoped_lock const lock(mutex_);
    return known_.contains(user);
}

void seen_users::make_known(user_id user, broker::unique_function<void()> answer) {
    newcomers batch;
    broker::unique_function<void()> at_once;
    {
        std::scoped_lock const lock(mutex_);
        gathered_.users.insert(user);
        if (in_vain_) {
            at_once = std::move(answer);
        } else {
            gathered_.waiting.push_back(std::move(answer));
        }
        if (!std::exchange(writing_, true)) batch = std::exchange(gathered_, {});
    }
    if (at_once) at_once();
    if (!batch.users.empty()) write(std::move(batch));
}

void seen_users::store_works() {
    if (!in_vain_) return;
    newcomers batch;
    {
        std::scoped_lock const lock(mutex_);
        if (writing_ || gathered_.users.empty()) return;
        writing_ = true;
        batch = std::exchange(gathered_, {});
    }
    write(std::move(batch));
}

void seen_users::write(newcomers batch) {
    auto work = [users = batch.users](unit_of_work& unit) {
        for (auto const user : users) unit.remember_user(user, {});
        return true;
    };
    auto done = [this, batch = std::move(batch)](boost::system::error_code failed) mutable {
        failed ? not_written(std::move(batch)) : written(std::move(batch));
    };
    store_.run(access::read_write, std::move(work), std::move(done), patience);
}

void seen_users::written(newcomers batch) {
    for (auto& answer : batch.waiting) answer();
    newcomers next;
    {
        std::scoped_lock const lock(mutex_);
        in_vain_ = false;
        if (known_.size() + batch.users.size() > memory) known_.clear();
        known_.merge(batch.users);
        next = std::exchange(gathered_, {});
        writing_ = !next.users.empty();
    }
    if (!next.users.empty()) write(std::move(next));
}

void seen_users::not_written(newcomers batch) {
    auto released = std::move(batch.waiting);
    {
        std::scoped_lock const lock(mutex_);
        in_vain_ = true;
        writing_ = false;
        std::ranges::move(std::exchange(gathered_.waiting, {}), std::back_inserter(released));
        if (gathered_.users.size() + batch.users.size() <= memory) {
            gathered_.users.merge(batch.users);
        }
    }
    for (auto& answer : released) answer();
}

}  // namespace chat
