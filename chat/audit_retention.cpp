#include "chat/audit_retention.hpp"

#include <pthread.h>
#include <future>
#include <memory>
#include <utility>

namespace chat {

audit_retention::audit_retention(store& where, std::chrono::milliseconds keep,
                                 std::function<void(std::size_t)> forgotten)
    : store_(where), keep_(keep), forgotten_(std::move(forgotten)), thread_([this] { run(); }) {}

audit_retention::~audit_retention() {
    {
        std::scoped_lock const lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void audit_retention::run() {
    pthread_setname_np(pthread_self(), "audit");
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        lock.unlock();
        auto const more = forget_some();
        lock.lock();
        if (!more) changed_.wait_for(lock, look_every, [this] { return stopping_; });
    }
}

bool audit_retention::forget_some() {
    auto const before =
        std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()) - keep_;
    auto const gone = std::make_shared<std::size_t>(0);
    std::promise<bool> finished;
    auto work = [before, gone](unit_of_work& unit) {
        *gone = unit.forget_audit(before, entries_per_transaction);
        return true;
    };
    auto done = [this, gone, &finished](boost::system::error_code failed) {
        if (!failed && *gone != 0 && forgotten_) forgotten_(*gone);
        finished.set_value(!failed && *gone == entries_per_transaction);
    };
    store_.run(access::read_write, std::move(work), std::move(done));
    return finished.get_future().get();
}

}  // namespace chat
