#include "chat/banned_users.hpp"

#include <pthread.h>
#include <algorithm>
#include <future>
#include <memory>
#include <utility>

namespace chat {

banned_users::banned_users(broker::authenticator& checked, store& where,
                           std::function<void(std::vector<std::string> const&)> on_banned)
    : checked_(checked), store_(where), on_banned_(std::move(on_banned)) {}

banned_users::~banned_users() {
    stop();
}

void banned_users::start() {
    read();
    thread_ = std::thread([this] { run(); });
}

void banned_users::stop() {
    {
        std::lock_guard const guard(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void banned_users::read_now(broker::unique_function<void()> done) {
    std::unique_lock guard(mutex_);
    if (stopping_) {
        guard.unlock();
        return done();
    }
    waiting_.push_back(std::move(done));
    guard.unlock();
    changed_.notify_one();
}

void banned_users::run() {
    pthread_setname_np(pthread_self(), "bans");
    std::unique_lock guard(mutex_);
    for (;;) {
        changed_.wait_for(guard, reread, [this] { return stopping_ || !waiting_.empty(); });
        auto told = std::exchange(waiting_, {});
        bool const last = stopping_;
        guard.unlock();
        if (!last) read();
        for (auto& each : told) each();
        if (last) return;
        guard.lock();
    }
}

void banned_users::read() {
    auto const found = std::make_shared<std::vector<ban>>();
    std::promise<boost::system::error_code> finished;
    auto work = [found](unit_of_work& unit) {
        *found = unit.list_bans();
        return true;
    };
    auto done = [&finished](boost::system::error_code failed) { finished.set_value(failed); };
    store_.run(access::read_only, std::move(work), std::move(done));
    if (!finished.get_future().get()) take(*found);
}

void banned_users::take(std::vector<ban> const& found) {
    std::set<std::string, std::less<>> fresh;
    for (auto const& each : found) fresh.insert(each.user);
    std::vector<std::string> added;
    {
        std::unique_lock const guard(set_mutex_);
        std::ranges::set_difference(fresh, banned_, std::back_inserter(added));
        banned_ = std::move(fresh);
    }
    if (!added.empty()) on_banned_(added);
}

bool banned_users::is_banned(broker::principal const& who) const {
    if (who.anonymous() && !who.user_id) return false;
    std::shared_lock const guard(set_mutex_);
    if (banned_.empty()) return false;
    return banned_.contains(who.name) || banned_.contains(user_key(who));
}

void banned_users::authenticate(broker::credentials const& offered, broker::executor& home,
                                broker::unique_function<void(broker::auth_outcome)> done) {
    auto answered = [this, done = std::move(done)](broker::auth_outcome outcome) mutable {
        auto const* const who = std::get_if<broker::principal_ptr>(&outcome);
        if (who != nullptr && is_banned(**who)) return done(broker::banned_refusal());
        done(std::move(outcome));
    };
    checked_.authenticate(offered, home, std::move(answered));
}

}  // namespace chat
