#include "broker/auth/replaceable_authenticator.hpp"

#include <algorithm>
#include <utility>

namespace broker::auth {

replaceable_authenticator::replaceable_authenticator(auth_options options)
    : current_(std::make_unique<generation>(std::move(options))) {}

replaceable_authenticator::~replaceable_authenticator() {
    {
        std::lock_guard const guard(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (retiring_.joinable()) retiring_.join();
}

void replaceable_authenticator::authenticate(credentials const& offered, executor& home,
                                             unique_function<void(auth_outcome)> done) {
    generation* by = nullptr;
    {
        std::lock_guard const guard(mutex_);
        by = current_.get();
        ++by->unanswered;
    }
    by->check.authenticate(offered, home,
                           [this, by, done = std::move(done)](auth_outcome outcome) mutable {
                               done(std::move(outcome));
                               answered(*by);
                           });
}

void replaceable_authenticator::answered(generation& by) {
    std::lock_guard const guard(mutex_);
    if (--by.unanswered == 0 && &by != current_.get()) changed_.notify_all();
}

void replaceable_authenticator::replace(auth_options options) {
    // Only this thread exchanges current_.
    auto fresh = std::make_unique<generation>(std::move(options), &current_->check);
    {
        std::lock_guard const guard(mutex_);
        retired_.push_back(std::exchange(current_, std::move(fresh)));
    }
    if (!retiring_.joinable()) retiring_ = std::thread([this] { retire_those_who_are_done(); });
    changed_.notify_all();
}

void replaceable_authenticator::retire_those_who_are_done() {
    std::unique_lock guard(mutex_);
    while (!stopping_) {
        auto const done = std::ranges::find(
            retired_, 0U, [](std::unique_ptr<generation> const& one) { return one->unanswered; });
        if (done == retired_.end()) {
            changed_.wait(guard);
            continue;
        }
        auto gone = std::move(*done);
        retired_.erase(done);
        // Its threads may have to end first.
        guard.unlock();
        gone.reset();
        guard.lock();
    }
}

}  // namespace broker::auth
