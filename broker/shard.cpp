#include "broker/shard.hpp"

#include "broker/frame_tracer.hpp"
#include "broker/peer/stomp_peer.hpp"
#include "broker/shard_metrics.hpp"
#include "broker/shard_sessions.hpp"

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

namespace broker {
namespace {

constexpr std::chrono::milliseconds tick_every{200};

std::string base36(std::uint64_t number) {
    std::string digits;
    do {
        digits.insert(digits.begin(), "0123456789abcdefghijklmnopqrstuvwxyz"[number % 36]);
        number /= 36;
    } while (number > 0);
    return digits;
}

}  // namespace

struct shard::departure {
    farewell plan;
    unique_function<void()> empty;
    std::vector<std::weak_ptr<stomp_peer>> to_tell;  // from the back
    double owed = 0;                                 // how many may be told now
    steady_time since{};                             // counted up to here
    std::minstd_rand random{std::random_device{}()};
};

shard::shard(transport::loop& where, services const& node, std::string id_prefix)
    : loop_(where),
      services_(node),
      environment_{services_.limits, services_.access, services_.rooms},
      rooms_(services_.rooms, services_.interests),
      router_(rooms_, services_.inbox, loop_),
      id_prefix_(std::move(id_prefix)),
      sessions_(std::make_unique<session_list>()),
      gaps_(loop_, [this] { router_.on_tick(); }) {
    loop_.timers().set(*this, loop_.now() + tick_every);
}

shard::~shard() = default;

void shard::deliver(std::vector<bus_event> const& events) {
    router_.deliver_all(events);
    loop_.metrics().events.add(events.size());
    loop_.measure_flush();
    if (router_.has_gaps()) gaps_.set(routing::room_feeds::gap_patience);
}

void shard::set_sweep_pace(sweep_pace pace) {
    sweep_pace_ = pace;
    next_sweep_ = pace.every.count() == 0 ? steady_time::max() : loop_.now() + pace.every;
}

std::string shard::new_session_id() {
    return id_prefix_ + base36(++last_session_);
}

transport::payload_ref shard::shared_head(std::string head) {
    if (auto const known = heads_.find(head); known != heads_.end()) return known->second;
    if (heads_.size() >= heads_worth_cleaning_) forget_unused_heads();
    auto made = transport::make_payload(head);
    heads_.emplace(std::move(head), made);
    return made;
}

void shard::forget_unused_heads() {
    std::erase_if(heads_, [](auto const& entry) { return entry.second.unique(); });
    heads_worth_cleaning_ = std::max<std::size_t>(1024, 2 * heads_.size());
}

void shard::flush_events() {
    if (events_.empty()) return;
    services_.events.publish(std::exchange(events_, {}));
}

void shard::enter(stomp_peer& who) {
    sessions_->peers.push_back(who);
    ++session_count_;
}

void shard::leave(stomp_peer& who) noexcept {
    if (!who.is_linked()) return;
    who.unlink();
    --session_count_;
    tell_if_empty();
}

void shard::close_everyone(farewell plan, unique_function<void()> empty) {
    leaving_ = std::make_unique<departure>();
    leaving_->plan = std::move(plan);
    leaving_->empty = std::move(empty);
    leaving_->since = loop_.now() - tick_every;
    close_some(loop_.now());
    tell_if_empty();
}

// As many as the time since the last tick allows; a loop that was held up does not make up for it.
// Who came meanwhile is told last; who was told and is still there does not mind to be told again.
void shard::close_some(steady_time now) {
    auto& to_tell = leaving_->to_tell;
    if (to_tell.empty()) {
        for (auto& who : sessions_->peers) to_tell.push_back(who.weak_from_this());
    }
    auto const& plan = leaving_->plan;
    std::chrono::duration<double> const passed =
        std::min<steady_time::duration>(now - std::exchange(leaving_->since, now), 2 * tick_every);
    auto& owed = leaving_->owed;
    owed += passed.count() * plan.sessions_per_second;
    std::uniform_int_distribution<std::int64_t> delay(0, plan.longest_return.count());
    while (owed >= 1 && !to_tell.empty()) {
        auto const who = to_tell.back().lock();
        to_tell.pop_back();
        if (who == nullptr) continue;
        owed -= 1;
        std::chrono::milliseconds const back_after(delay(leaving_->random));
        who->request_close(plan.reason, plan.detail, back_after);
    }
    if (to_tell.empty()) owed = std::min(owed, 1.0);
}

void shard::tell_if_empty() noexcept {
    if (session_count_ > 0 || !leaving_ || !leaving_->empty) return;
    auto tell = std::exchange(leaving_->empty, {});
    tell();
}

void shard::on_deadline(steady_time now) {
    router_.on_tick();
    router_.on_time(now);
    if (now >= next_sweep_) {
        // Behind when it was due: the wheel's rounding does not add up.
        auto const every = sweep_pace_.every;
        next_sweep_ = std::max(next_sweep_, now - every / 2) + every;
        router_.sweep();
        if (++rounds_ >= sweep_pace_.rounds_to_inboxes) {
            rounds_ = 0;
            router_.sweep_inboxes();
        }
    }
    if (leaving_ && session_count_ > 0) close_some(now);
    loop_.timers().set(*this, std::min(now + tick_every, next_sweep_));
}

}  // namespace broker
