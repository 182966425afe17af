#include "bench/scenario/history_reader.hpp"

#include "bench/plan/http.hpp"

#include <fmt/format.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace bench {

class history_reader::work {
public:
    work(target const& server, std::string const& authorization)
        : http_(server, authorization, stopping_), thread_([this] { run(); }) {}

    ~work() {
        {
            std::scoped_lock const lock(mutex_);
            stopping_ = true;
        }
        changed_.notify_one();
        thread_.join();
    }

    void ask(std::uint64_t room, bench_clock::time_point due) {
        {
            std::scoped_lock const lock(mutex_);
            asked_.push_back({room, due});
            ++open_;
        }
        changed_.notify_one();
    }

    std::vector<page> take() {
        std::scoped_lock const lock(mutex_);
        open_ -= came_.size();
        return std::exchange(came_, {});
    }

    std::size_t open() const {
        std::scoped_lock const lock(mutex_);
        return open_;
    }

    thread_cost cost() const { return meter_.so_far(); }

private:
    struct question {
        std::uint64_t room;
        bench_clock::time_point due;
    };

    void run() {
        meter_.begin();
        answer();
        meter_.end();
    }

    void answer() {
        std::unique_lock lock(mutex_);
        for (;;) {
            changed_.wait(lock, [&] { return stopping_ || !asked_.empty(); });
            if (stopping_) return;
            auto const next = asked_.front();
            asked_.pop_front();
            lock.unlock();
            page got = read(next);
            lock.lock();
            came_.push_back(std::move(got));
        }
    }

    page read(question const& asked) {
        auto const answer =
            http_.ask(fmt::format("/api/chat/rooms/{}/messages?limit=20", asked.room));
        page out{asked.due, bench_clock::now(), answer.problem};
        if (answer.status != 0 && answer.status != 200) {
            out.problem = fmt::format("status {}", answer.status);
        }
        return out;
    }

    std::atomic<bool> stopping_ = false;  // before http_, which asks it
    http_client http_;
    thread_meter meter_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<question> asked_;
    std::vector<page> came_;
    std::size_t open_ = 0;
    std::thread thread_;  // last: it uses the others
};

history_reader::history_reader(target const& server, std::string const& authorization)
    : work_(std::make_unique<work>(server, authorization)) {}

history_reader::~history_reader() = default;

void history_reader::ask(std::uint64_t room, bench_clock::time_point due) {
    work_->ask(room, due);
}

std::vector<history_reader::page> history_reader::take() {
    return work_->take();
}

std::size_t history_reader::open() const {
    return work_->open();
}

thread_cost history_reader::cost() const {
    return work_->cost();
}

}  // namespace bench
