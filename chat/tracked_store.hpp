#pragma once

#include "chat/ports/store.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

// The store, with the jobs counted that the chat has under way in it: the chat cannot end while one
// of them may still come back to it. Says when the store works: after each job that succeeded. Any
// thread.

namespace chat {

class tracked_store final : public store {
public:
    // `where` outlives us; `works` may start other jobs.
    tracked_store(store& where, std::function<void()> works)
        : store_(where), works_(std::move(works)) {}

    // Waits until every job has come back. Nobody but they may start others meanwhile.
    void wait() {
        for (auto left = under_way_->load(); left != 0; left = under_way_->load())
            under_way_->wait(left);
    }

    using store::run;
    void run(access mode, std::function<bool(unit_of_work&)> work,
             broker::unique_function<void(boost::system::error_code)> done,
             std::chrono::milliseconds patience) override {
        under_way_->fetch_add(1);
        auto counted = [this, under_way = under_way_,
                        done = std::move(done)](boost::system::error_code failed) mutable {
            done(failed);
            if (!failed) works_();
            if (under_way->fetch_sub(1) == 1) under_way->notify_all();
        };
        store_.run(mode, std::move(work), std::move(counted), patience);
    }

private:
    store& store_;
    std::function<void()> const works_;
    // Shared with the jobs: the last one may still be inside of notify_all() when we are gone.
    std::shared_ptr<std::atomic<std::size_t>> under_way_ =
        std::make_shared<std::atomic<std::size_t>>(0);
};

}  // namespace chat
