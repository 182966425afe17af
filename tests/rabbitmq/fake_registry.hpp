#pragma once

#include "broker/ports/registry.hpp"

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// A registry that knows what the test told it; it answers at once, or when the test says so.

namespace tests {

class fake_registry final : public broker::registry {
public:
    // From now on these nodes need `name`.
    void set(std::string name, std::vector<std::string> nodes) {
        std::lock_guard const lock(mutex_);
        nodes_[std::move(name)] = std::move(nodes);
    }
    void set_away(bool away) {
        std::lock_guard const lock(mutex_);
        away_ = away;
    }
    // Answers wait for release().
    void hold() { held_ = true; }
    void release_last() {
        auto last = std::move(waiting_.back());
        waiting_.pop_back();
        last();
    }
    std::size_t lookups() const { return lookups_; }

    void enter(broker::interest, broker::executor& home,
               broker::unique_function<void()> done) override {
        home.post(std::move(done));
    }
    void leave(broker::interest const&) override {}

    void find(
        std::vector<broker::interest> what,
        broker::unique_function<void(std::optional<broker::interested_nodes>)> done) override {
        auto answer = look_up(what);
        if (held_) {
            waiting_.emplace_back([done = std::move(done), answer = std::move(answer)]() mutable {
                done(std::move(answer));
            });
        } else {
            done(std::move(answer));
        }
    }

private:
    std::optional<broker::interested_nodes> look_up(std::vector<broker::interest> const& what) {
        std::lock_guard const lock(mutex_);
        ++lookups_;
        if (away_) return std::nullopt;
        broker::interested_nodes found;
        for (auto const& each : what) found.push_back(nodes_[each.name]);
        return found;
    }

    std::mutex mutex_;
    std::map<std::string, std::vector<std::string>> nodes_;
    bool away_ = false;
    bool held_ = false;
    std::size_t lookups_ = 0;
    std::deque<broker::unique_function<void()>> waiting_;
};

}  // namespace tests
