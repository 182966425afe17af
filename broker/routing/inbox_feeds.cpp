#include "broker/routing/inbox_feeds.hpp"

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

namespace broker::routing {

struct inbox_feeds::feed {
    // In its turn: nothing is held yet. Reading: the store is being asked, or will be when the
    // reader has caught up or the store is back. Settled: only late repeats are kept out.
    enum class phase : std::uint8_t { in_turn, reading, slow_reader, store_away, settled };

    subscription* who;
    std::string user;
    opened done;
    bool again = false;  // counts among the questions of look_again
    phase at = phase::reading;
    std::uint64_t after = 0;
    std::vector<message_ptr> held;
    std::unordered_set<std::uint64_t> replayed;  // and not brought by the bus since
    std::optional<steady_time> since;            // when on_time() saw the phase first
};

inbox_feeds::inbox_feeds(user_inbox& store, executor& home)
    : store_(store), home_(home), alive_(std::make_shared<bool>(true)) {}

inbox_feeds::~inbox_feeds() {
    *alive_ = false;
}

inbox_feeds::feed* inbox_feeds::find(std::uint64_t serial) {
    auto const found = feeds_.find(serial);
    return found == feeds_.end() ? nullptr : found->second.get();
}

inbox_feeds::feed& inbox_feeds::make(std::string_view user, subscription& who) {
    auto made = std::make_unique<feed>();
    made->who = &who;
    made->user = user;
    who.gated = true;
    return *feeds_.emplace(who.serial, std::move(made)).first->second;
}

void inbox_feeds::enter(std::string_view user, subscription& who) {
    make(user, who);
}

void inbox_feeds::open(subscription const& who, opened done) {
    feed* const which = find(who.serial);
    if (which == nullptr || which->at != feed::phase::reading) return done();
    which->done = std::move(done);
    ask(*which);
}

void inbox_feeds::close(subscription const& who) {
    if (!who.gated) return;
    auto const found = feeds_.find(who.serial);
    if (found == feeds_.end()) return;
    bool const asking = found->second->again && found->second->at != feed::phase::in_turn;
    feeds_.erase(found);
    if (!asking) return;
    --asked_again_;
    ask_next_waiting();
}

void inbox_feeds::look_again(std::string_view user, subscription& who) {
    feed* which = find(who.serial);
    if (which != nullptr && which->at != feed::phase::settled) return;  // it is looked at anyway
    if (which == nullptr) which = &make(user, who);
    which->at = feed::phase::in_turn;
    which->again = true;
    which->after = 0;
    which->since.reset();
    waiting_.push_back(who.serial);
    ask_next_waiting();
}

void inbox_feeds::ask_next_waiting() {
    while (asked_again_ < questions_at_once && !waiting_.empty()) {
        auto* const next = find(waiting_.front());
        waiting_.pop_front();
        if (next == nullptr || next->at != feed::phase::in_turn) continue;
        ++asked_again_;
        ask(*next);
    }
}

void inbox_feeds::sweep(std::vector<std::string> users, owed found) {
    swept_ = true;
    if (sweeping() || users.empty()) return;
    to_sweep_ = std::move(users);
    found_ = std::move(found);
    ask_next_page();
}

void inbox_feeds::ask_next_page() {
    asked_page_ = std::min(sweep_page, to_sweep_.size());
    if (asked_page_ == 0) return;
    std::vector<std::string> users(to_sweep_.end() - static_cast<std::ptrdiff_t>(asked_page_),
                                   to_sweep_.end());
    auto answered = [this, alive = alive_](owed_users_outcome outcome) {
        if (*alive) on_owed(std::move(outcome));
    };
    store_.owed_to(std::move(users), home_, std::move(answered));
}

void inbox_feeds::on_owed(owed_users_outcome outcome) {
    auto const* const owed_users = std::get_if<std::vector<std::string>>(&outcome);
    if (owed_users == nullptr) return to_sweep_.clear();  // the next sweep asks again
    to_sweep_.resize(to_sweep_.size() - asked_page_);
    for (auto const& user : *owed_users) found_(user);
    ask_next_page();
}

void inbox_feeds::note_sweep(steady_time now) {
    if (std::exchange(swept_, false)) {
        sweeps_follow_ = now - last_sweep_ < sweeps_are_frequent;
        last_sweep_ = now;
    } else if (now - last_sweep_ >= sweeps_are_frequent) {
        sweeps_follow_ = false;
    }
}

void inbox_feeds::ask(feed& which) {
    which.at = feed::phase::reading;
    which.since.reset();
    auto answered = [this, alive = alive_, serial = which.who->serial](inbox_outcome outcome) {
        if (*alive) on_page(serial, std::move(outcome));
    };
    store_.undelivered(which.user, which.after, page, home_, std::move(answered));
}

void inbox_feeds::on_page(std::uint64_t serial, inbox_outcome outcome) {
    feed* const which = find(serial);
    // Not reading any more: what was held became too much.
    if (which == nullptr || which->at != feed::phase::reading) return;
    auto const* const got = std::get_if<inbox_page>(&outcome);
    if (got == nullptr) {
        // Live messages need not wait for the store: they were stored by somebody who reached it.
        release(*which);
        which->at = feed::phase::store_away;
        if (auto done = std::exchange(which->done, {})) done();
        return;
    }
    replay(*which, *got);
    if (got->next == 0) return settle(*which);
    which->after = got->next;
    if (which->who->out->queued_bytes() <= replay_queue_bytes) return ask(*which);
    which->at = feed::phase::slow_reader;
}

// The page and what is held up to its end, in one order: a held message may be missing in the page,
// because another device has got it since.
void inbox_feeds::replay(feed& which, inbox_page const& what) {
    auto const before = [this](message_ptr const& a, message_ptr const& b) {
        return store_.order_of(*a) < store_.order_of(*b);
    };
    std::ranges::stable_sort(which.held, before);
    auto held = which.held.begin();
    for (auto const& message : what.messages) {
        auto const place = store_.order_of(*message);
        while (held != which.held.end() && store_.order_of(**held) < place) give(which, *held++);
        if (held != which.held.end() && store_.order_of(**held) == place) {
            ++held;  // the bus has brought it: no more of it will come
        } else {
            if (which.replayed.contains(place)) continue;
            if (which.replayed.size() >= most_held) which.replayed.clear();
            which.replayed.insert(place);
        }
        give(which, message);
    }
    which.held.erase(which.held.begin(), held);
}

void inbox_feeds::give(feed& which, message_ptr const& what) {
    fan_out(what, delivery_kind::user, watch_).deliver(*which.who);
    store_.delivered(which.user, *what);
}

void inbox_feeds::release(feed& which) {
    auto const held = std::exchange(which.held, {});
    for (auto const& message : held) give(which, message);
}

void inbox_feeds::settle(feed& which) {
    release(which);
    bool const asked = std::exchange(which.again, false);
    auto done = std::exchange(which.done, {});
    if (which.replayed.empty()) {
        which.who->gated = false;
        feeds_.erase(which.who->serial);
    } else {
        which.at = feed::phase::settled;
        which.since.reset();
    }
    if (asked) {
        --asked_again_;
        ask_next_waiting();
    }
    if (done) done();
}

bool inbox_feeds::deliver(subscription& who, fan_out& out) {
    feed* const which = find(who.serial);
    if (which == nullptr) {
        out.deliver(who);
        return true;
    }
    bool const late = which->replayed.erase(store_.order_of(*out.what())) != 0;
    if (late) return true;
    if (which->at != feed::phase::reading && which->at != feed::phase::slow_reader) {
        out.deliver(who);
        return true;
    }
    which->held.push_back(out.what());
    // The link says what becomes of a reader that is too slow for even this.
    if (which->held.size() > most_held) settle(*which);
    return false;
}

void inbox_feeds::on_time(steady_time now) {
    note_sweep(now);
    if (feeds_.empty()) return;
    std::vector<std::uint64_t> due;
    for (auto const& [serial, which] : feeds_) {
        bool const kept = sweeps_follow_ && which->at == feed::phase::settled;
        if (!which->since || kept) which->since = now;
        auto const passed = now - *which->since;
        using enum feed::phase;
        if ((which->at == slow_reader && which->who->out->queued_bytes() <= replay_queue_bytes) ||
            (which->at == store_away && passed >= retry_after) ||
            (which->at == settled && passed >= remembered))
            due.push_back(serial);
    }
    for (auto const serial : due) {
        auto* const which = find(serial);
        if (which == nullptr) continue;
        if (which->at != feed::phase::settled) {
            ask(*which);
            continue;
        }
        which->who->gated = false;
        feeds_.erase(serial);
    }
}

}  // namespace broker::routing
