#include "persistence/silence_watch.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <utility>

namespace persistence {

std::shared_ptr<silence_watch> silence_watch::shared() {
    static std::mutex mutex;
    static std::weak_ptr<silence_watch> current;
    std::lock_guard guard(mutex);
    auto watch = current.lock();
    if (!watch) current = watch = std::make_shared<silence_watch>();
    return watch;
}

silence_watch::silence_watch() {
    thread_ = std::thread([this] { serve(); });
}

silence_watch::~silence_watch() {
    {
        std::lock_guard guard(mutex_);
        ending_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void silence_watch::serve() {
    pthread_setname_np(pthread_self(), "silence-watch");
    std::unique_lock guard(mutex_);
    while (!ending_) {
        auto const now = clock::now();
        wakes_at_ = never;
        for (watched_socket* const each : sockets_) {
            if (each->end_ <= now) {
                each->end_ = never;
                each->was_silent_ = true;
                ::shutdown(each->socket_, SHUT_RDWR);
            }
            wakes_at_ = std::min(wakes_at_, each->end_);
        }
        if (wakes_at_ == never) {
            changed_.wait(guard);
        } else {
            changed_.wait_until(guard, clock::time_point(wakes_at_));
        }
    }
}

watched_socket::watched_socket(int socket)
    : watch_(silence_watch::shared()), socket_(fcntl(socket, F_DUPFD_CLOEXEC, 0)) {
    std::lock_guard guard(watch_->mutex_);
    watch_->sockets_.push_back(this);
}

watched_socket::~watched_socket() {
    {
        std::lock_guard guard(watch_->mutex_);
        std::erase(watch_->sockets_, this);
    }
    close(socket_);
}

bool watched_socket::was_silent() const {
    std::lock_guard guard(watch_->mutex_);
    return was_silent_;
}

watched_socket::clock::time_point watched_socket::set_end(clock::time_point end) {
    bool earlier = false;
    clock::time_point before;
    {
        std::lock_guard guard(watch_->mutex_);
        before = std::exchange(end_, end);
        earlier = end < watch_->wakes_at_;
    }
    // Seldom: it wakes up at the end of some wait, and those that have begun since end later.
    if (earlier) watch_->changed_.notify_one();
    return before;
}

answer_wait::answer_wait(watched_socket* socket, std::chrono::milliseconds limit)
    : socket_(socket) {
    if (socket_ != nullptr) before_ = socket_->set_end(std::chrono::steady_clock::now() + limit);
}

answer_wait::~answer_wait() {
    if (socket_ != nullptr) socket_->set_end(before_);
}

}  // namespace persistence
