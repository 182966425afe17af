#include "chat/outside/outbox_relay.hpp"

#include "chat/json/event_json.hpp"

#include <pthread.h>
#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <random>
#include <utility>

namespace chat {

namespace {

// There may be more than what was taken.
bool reaches(std::vector<outbox_entry> const& taken, outbox_bounds most) {
    std::size_t bytes = 0;
    for (auto const& entry : taken) bytes += entry.message.content.size();
    return taken.size() >= most.rows || bytes >= most.bytes;
}

}  // namespace

// Where the relay's thread finds what others have to tell it.
struct outbox_relay::desk {
    struct answer {
        std::uint64_t batch;
        bool confirmed;
    };

    std::mutex mutex;
    std::condition_variable changed;
    std::atomic<bool> woken{true};  // rows of an earlier life may wait
    bool stopping = false;
    std::vector<answer> answers;

    void answered(std::uint64_t batch, bool confirmed) {
        std::lock_guard guard(mutex);
        answers.push_back({batch, confirmed});
        changed.notify_one();
    }
};

outbox_relay::outbox_relay(std::unique_ptr<outbox> rows, broker::outside& world,
                           relay_options options)
    : rows_(std::move(rows)),
      world_(world),
      options_(std::move(options)),
      desk_(std::make_shared<desk>()) {
    thread_ = std::thread([this] {
        pthread_setname_np(pthread_self(), "outbox-relay");
        serve();
    });
}

outbox_relay::~outbox_relay() {
    {
        std::lock_guard guard(desk_->mutex);
        desk_->stopping = true;
        desk_->changed.notify_one();
    }
    thread_.join();
}

void outbox_relay::wake() {
    if (desk_->woken.exchange(true)) return;
    std::lock_guard guard(desk_->mutex);
    desk_->changed.notify_one();
}

relay_counts outbox_relay::counts() const {
    return {.published = published_count_.load(),
            .failed = failed_count_.load(),
            .takes = take_count_.load(),
            .waiting = waiting_.load(),
            .oldest_age = std::chrono::milliseconds(oldest_age_ms_.load())};
}

void outbox_relay::serve() {
    std::unique_lock guard(desk_->mutex);
    while (!desk_->stopping) {
        guard.unlock();
        absorb_answers();
        if (clock::now() >= settle_after_) settle();
        if (clock::now() >= next_turn()) take();
        if (clock::now() >= next_look_) measure_backlog();
        guard.lock();

        bool const woken = desk_->woken.load();
        auto const changed = [&] {
            return desk_->stopping || !desk_->answers.empty() || desk_->woken.load() != woken;
        };
        auto next = std::min(next_turn(), next_look_);
        if (!published_.empty() || !refused_.empty()) next = std::min(next, settle_after_);
        desk_->changed.wait_until(guard, next, changed);
    }
    guard.unlock();
    finish();
}

// When to look into the outbox, if nobody says anything before.
outbox_relay::clock::time_point outbox_relay::next_turn() const {
    if (open_.size() >= batches_allowed()) return clock::time_point::max();
    return desk_->woken.load() ? take_after_ : std::max(take_after_, next_poll_);
}

// After a failure one batch tries whether it works again.
std::size_t outbox_relay::batches_allowed() const noexcept {
    return pause_.count() == 0 ? options_.batches_under_way : 1;
}

void outbox_relay::absorb_answers() {
    std::vector<desk::answer> answers;
    {
        std::lock_guard guard(desk_->mutex);
        answers.swap(desk_->answers);
    }
    for (auto const& answer : answers) {
        auto const rows = std::move(open_.extract(answer.batch).mapped());
        auto& into = answer.confirmed ? published_ : refused_;
        into.insert(into.end(), rows.begin(), rows.end());
        (answer.confirmed ? published_count_ : failed_count_) += rows.size();
        if (answer.confirmed) {
            on_success();
        } else {
            on_failure("events were not confirmed");
        }
    }
}

void outbox_relay::settle() {
    if (!published_.empty()) {
        if (auto const removed = rows_->remove(published_); !removed) {
            on_failure("published rows cannot be removed: " + removed.error().message());
            settle_after_ = pause_until_;
            return;
        }
        published_.clear();
    }
    if (!refused_.empty()) {
        if (auto const freed = rows_->give_back(refused_); !freed) {
            on_failure("rows cannot be given back: " + freed.error().message());
            settle_after_ = pause_until_;
            return;
        }
        refused_.clear();
        desk_->woken = true;
    }
}

void outbox_relay::take() {
    auto const now = clock::now();
    next_poll_ = now + options_.poll;
    desk_->woken = false;  // what is stored from here on may not be seen
    ++take_count_;
    auto const taken = rows_->take(options_.batch, options_.lease);
    if (!taken) {
        desk_->woken = true;
        return on_failure("the outbox cannot be read: " + taken.error().message());
    }
    bool const full = reaches(*taken, options_.batch);
    if (full) desk_->woken = true;  // there is more
    take_after_ = full ? now : now + options_.gather;
    if (!taken->empty()) publish(*taken);
}

// A database that cannot be asked leaves the age growing: the oldest row is still there.
void outbox_relay::measure_backlog() {
    auto const now = clock::now();
    next_look_ = now + options_.look;
    if (auto const found = rows_->backlog()) {
        waiting_ = found->rows;
        oldest_age_ms_ = found->oldest_age.count();
    } else if (waiting_ != 0) {
        oldest_age_ms_ += options_.look.count();
    }
}

void outbox_relay::publish(std::vector<outbox_entry> const& taken) {
    std::vector<broker::outside_event> events;
    row_list rows;
    events.reserve(taken.size());
    rows.reserve(taken.size());
    for (auto const& entry : taken) {
        events.push_back(json::outside_event(entry));
        rows.push_back(entry.row);
    }
    auto const batch = ++last_batch_;
    open_.emplace(batch, std::move(rows));
    world_.publish(std::move(events), [weak = std::weak_ptr(desk_), batch](bool confirmed) {
        if (auto const told = weak.lock()) told->answered(batch, confirmed);
    });
}

void outbox_relay::finish() {
    auto const deadline = clock::now() + options_.last_confirms;
    while (!open_.empty()) {
        {
            std::unique_lock guard(desk_->mutex);
            auto const answered = [&] { return !desk_->answers.empty(); };
            if (!desk_->changed.wait_until(guard, deadline, answered)) break;
        }
        absorb_answers();
    }
    for (auto const& [batch, rows] : open_)
        refused_.insert(refused_.end(), rows.begin(), rows.end());
    settle();
}

void outbox_relay::on_failure(std::string why) {
    static thread_local std::minstd_rand random{std::random_device{}()};
    auto const now = clock::now();
    // Batches that fail together are one failure.
    if (pause_.count() != 0 && now < pause_until_) return;
    bool const first = pause_.count() == 0;
    pause_ = first ? options_.shortest_pause : std::min(2 * pause_, options_.longest_pause);
    std::uniform_int_distribution<long long> between(pause_.count() / 2, pause_.count());
    pause_until_ = take_after_ = now + std::chrono::milliseconds(between(random));
    if (first && options_.on_event) options_.on_event({"outbox_relay_stuck", std::move(why)});
}

void outbox_relay::on_success() {
    if (std::exchange(pause_, std::chrono::milliseconds(0)).count() == 0) return;
    take_after_ = {};
    if (options_.on_event) options_.on_event({"outbox_relay_flows", {}});
}

}  // namespace chat
