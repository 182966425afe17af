#include "rabbitmq/event_router.hpp"

#include "rabbitmq/event_codec.hpp"

#include <unordered_map>
#include <utility>
#include <variant>

namespace rabbitmq {
namespace {

using broker::interest;
using broker::interest_kind;

// Who needs an event; nothing: everybody.
std::optional<interest> interest_in(broker::bus_event const& event) {
    struct {
        std::optional<interest> operator()(broker::topic_event const& e) const {
            return interest{interest_kind::topic, std::string(e.message->destination())};
        }
        std::optional<interest> operator()(broker::user_event const& e) const {
            return interest{interest_kind::user, e.user};
        }
        std::optional<interest> operator()(broker::access_ended_event const&) const {
            return std::nullopt;
        }
        std::optional<interest> operator()(broker::everybody_event const&) const {
            return std::nullopt;
        }
    } const asked;
    return std::visit(asked, event);
}

// The questions of one publish, each asked once.
class questions {
public:
    std::size_t index_of(interest what) {
        auto& known = what.kind == interest_kind::user ? users_ : topics_;
        auto const [at, fresh] = known.try_emplace(what.name, list_.size());
        if (fresh) list_.push_back(std::move(what));
        return at->second;
    }
    std::size_t size() const { return list_.size(); }
    std::vector<interest> take() { return std::move(list_); }

private:
    std::vector<interest> list_;
    std::unordered_map<std::string, std::size_t> topics_;
    std::unordered_map<std::string, std::size_t> users_;
};

}  // namespace

event_router::event_router(std::string own_node, broker::registry& registry,
                           gathering_limits const& limits, std::shared_ptr<wake_up> waker,
                           backlog_watch watch)
    : own_node_(std::move(own_node)),
      registry_(registry),
      waker_(std::move(waker)),
      gathered_(limits),
      watch_(std::move(watch)) {}

void event_router::publish(std::vector<broker::bus_event> const& events) {
    questions asked;
    std::uint64_t number = 0;
    bool wake = false;
    {
        std::lock_guard const lock(mutex_);
        slot taken;
        for (auto const& event : events) {
            auto const size = encoded_size(event);
            if (!gathered_.admits(event, size)) {
                ++dropped_;
                continue;
            }
            gathered_.reserve(size);
            auto& entry = taken.entries.emplace_back(slot::entry{event, size, std::nullopt});
            if (auto what = interest_in(event)) entry.question = asked.index_of(std::move(*what));
        }
        if (taken.entries.empty()) return;
        taken.questions = asked.size();
        taken.answered = taken.questions == 0;
        number = first_slot_ + slots_.size();
        slots_.push_back(std::move(taken));
        if (asked.size() == 0) advance();
        look_at_backlog();
        wake = has_work();
    }
    if (asked.size() == 0) {
        if (wake) waker_->wake();
        return;
    }
    registry_.find(asked.take(), [self = weak_from_this(),
                                  number](std::optional<broker::interested_nodes> nodes) {
        if (auto const router = self.lock()) router->answered(number, std::move(nodes));
    });
}

bool event_router::send_canary(std::uint64_t number) {
    {
        std::lock_guard const lock(mutex_);
        if (!gathered_.add_canary(own_node_, number)) return false;
    }
    waker_->wake();
    return true;
}

void event_router::answered(std::uint64_t number, std::optional<broker::interested_nodes> nodes) {
    {
        std::lock_guard const lock(mutex_);
        auto& about = slots_[static_cast<std::size_t>(number - first_slot_)];
        about.answered = true;
        if (nodes && nodes->size() == about.questions) about.nodes = std::move(nodes);
        advance();
        look_at_backlog();
        if (!has_work()) return;
    }
    waker_->wake();
}

// Without a link there is nothing to wake the publisher for: it looks here when it has one.
bool event_router::has_work() const {
    return gathered_.has_link() && !gathered_.empty();
}

void event_router::advance() {
    while (!slots_.empty() && slots_.front().answered) {
        gather(slots_.front());
        slots_.pop_front();
        ++first_slot_;
    }
}

void event_router::gather(slot const& from) {
    for (auto const& [event, size, question] : from.entries) {
        gathered_.release(size);
        if (!question || !from.nodes) {
            add({}, event);
            continue;
        }
        for (auto const& node : (*from.nodes)[*question]) {
            if (node != own_node_ && !node.empty()) add(node, event);
        }
    }
}

void event_router::add(std::string_view node, broker::bus_event const& event) {
    if (!gathered_.add(node, event)) ++dropped_;
}

void event_router::look_at_backlog() {
    auto const most = over_ ? watch_.bytes / 2 : watch_.bytes;
    bool const over = gathered_.has_link() && gathered_.waiting_bytes() > most;
    if (over == over_) return;
    over_ = over;
    if (watch_.tell) watch_.tell(over);
}

std::optional<event_batch> event_router::take(gathered_events::time_point now) {
    std::lock_guard const lock(mutex_);
    auto batch = gathered_.take(now);
    look_at_backlog();
    return batch;
}

gathered_events::time_point event_router::next_due() const {
    std::lock_guard const lock(mutex_);
    return gathered_.next_due();
}

void event_router::settled(std::string_view target) {
    std::lock_guard const lock(mutex_);
    gathered_.settled(target);
}

void event_router::link_down() {
    std::lock_guard const lock(mutex_);
    gathered_.link_down();
    look_at_backlog();
}

void event_router::link_up() {
    std::lock_guard const lock(mutex_);
    gathered_.link_up();
    look_at_backlog();
}

bool event_router::idle() const {
    std::lock_guard const lock(mutex_);
    return slots_.empty() && gathered_.empty();
}

std::size_t event_router::waiting_bytes() const {
    std::lock_guard const lock(mutex_);
    return gathered_.waiting_bytes();
}

std::uint64_t event_router::dropped() const {
    std::lock_guard const lock(mutex_);
    return dropped_;
}

}  // namespace rabbitmq
