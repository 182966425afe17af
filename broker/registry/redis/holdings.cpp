#include "broker/registry/redis/holdings.hpp"

#include <algorithm>
#include <iterator>

namespace broker::redis {

namespace {

void run_all(std::vector<unique_function<void()>> waiting) {
    for (auto& done : waiting) done();
}

}  // namespace

void holdings::enter(std::string_view key, unique_function<void()> done) {
    auto found = entries_.find(key);
    if (found == entries_.end()) found = entries_.emplace(std::string(key), entry()).first;
    entry& one = found->second;
    ++one.count;
    if (one.written && !one.under_way) {
        if (done) done();
        return;
    }
    if (done) one.waiting.push_back(std::move(done));
    queue(*found);
}

void holdings::leave(std::string_view key) {
    auto const found = entries_.find(key);
    if (found == entries_.end() || found->second.count == 0) return;
    if (--found->second.count == 0) abandon(*found);
}

void holdings::hold(std::string_view key, bool written) {
    auto found = entries_.find(key);
    if (found == entries_.end()) found = entries_.emplace(std::string(key), entry()).first;
    entry& one = found->second;
    one.count = 1;
    if (written && !one.under_way) one.written = true;
    if (!one.written) queue(*found);
}

void holdings::let_go(std::string_view key) {
    auto const found = entries_.find(key);
    if (found == entries_.end() || found->second.count == 0) return;
    found->second.count = 0;
    abandon(*found);
}

// What came and went without Redis' having heard of it needs no record: while Redis is away nothing
// would take it out of the queue.
void holdings::abandon(item& one) {
    entry const& now = one.second;
    if (now.written || now.under_way || now.again) return queue(one);
    unqueue(one);
    settle(one);
}

std::vector<holdings::operation> holdings::take(std::size_t most) {
    std::vector<operation> taken;
    while (!queue_.empty() && taken.size() != most) {
        item& one = *queue_.front();
        unqueue(one);
        bool const wanted = one.second.count > 0;
        if (wanted == one.second.written) {
            settle(one);
            continue;
        }
        one.second.under_way = true;
        taken.push_back({.what = &one,
                         .hold = wanted,
                         .again = one.second.again,
                         .unsure = wanted && one.second.unsure});
    }
    return taken;
}

void holdings::confirm(std::vector<operation> const& done) {
    for (operation const& one : done) {
        entry& now = one.what->second;
        now.under_way = false;
        now.again = false;
        now.unsure = false;
        not_due(now);
        now.written = one.hold;
        if ((now.count > 0) == now.written) {
            settle(*one.what);
        } else {
            queue(*one.what);
        }
    }
}

std::vector<holdings::left_key> holdings::forget_written() {
    queue_.clear();
    std::vector<left_key> left;
    std::vector<unique_function<void()>> waiting;
    for (auto one = entries_.begin(); one != entries_.end();) {
        if (one->second.count != 0) {
            ++one;
            continue;
        }
        std::ranges::move(one->second.waiting, std::back_inserter(waiting));
        if (one->second.written || one->second.again) {
            bool const unsure = one->second.written && one->second.under_way;
            left.push_back({.key = one->first, .unsure = unsure});
        }
        one = entries_.erase(one);
    }
    for (item& one : entries_) {
        // What was under way may have been told, too; telling it never is worse than twice.
        one.second.again = one.second.again || one.second.written;
        one.second.unsure = one.second.unsure || (one.second.under_way && !one.second.written);
        one.second.written = false;
        one.second.under_way = false;
        one.second.queued = false;
        one.second.due = true;
        queue(one);
    }
    due_ = entries_.size();
    run_all(std::move(waiting));
    return left;
}

void holdings::release_waiting(std::string_view beginning) {
    std::vector<unique_function<void()>> waiting;
    for (item& one : entries_) {
        if (!one.first.starts_with(beginning)) continue;
        std::ranges::move(one.second.waiting, std::back_inserter(waiting));
        one.second.waiting.clear();
    }
    run_all(std::move(waiting));
}

void holdings::queue(item& one) {
    // While it is under way, its confirmation queues it again.
    if (one.second.queued || one.second.under_way) return;
    one.second.queued = true;
    one.second.place = queue_.insert(queue_.end(), &one);
}

void holdings::unqueue(item& one) {
    if (!one.second.queued) return;
    one.second.queued = false;
    queue_.erase(one.second.place);
}

void holdings::not_due(entry& one) {
    if (one.due) --due_;
    one.due = false;
}

// What is wanted is so.
void holdings::settle(item& one) {
    not_due(one.second);
    std::vector<unique_function<void()>> waiting = std::move(one.second.waiting);
    one.second.waiting.clear();
    if (one.second.count == 0 && !one.second.queued) entries_.erase(entries_.find(one.first));
    run_all(std::move(waiting));
}

}  // namespace broker::redis
