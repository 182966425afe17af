#include "rabbitmq/publisher.hpp"

#include "rabbitmq/event_codec.hpp"
#include "rabbitmq/topology.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace rabbitmq {
namespace {

constexpr channel_number publishing_channel = 2;
// After so many publishes the confirms are looked at.
constexpr int publishes_per_turn = 64;

std::size_t size_of(persistent_message const& m) {
    auto size = m.body.size() + m.routing_key.size() + m.id.size() + m.type.size();
    for (auto const& [name, value] : m.headers) size += name.size() + value.size();
    return size;
}

}  // namespace

publisher::publisher(options const& all, std::shared_ptr<event_router> router,
                     std::shared_ptr<wake_up> waker, std::function<void(bool)> on_up)
    : options_(all),
      router_(std::move(router)),
      waker_(waker),
      link_("publisher", all, *this, std::move(waker), std::move(on_up)) {}

publisher::~publisher() {
    stop();
}

void publisher::stop() {
    link_.stop();
    // What came after the thread's last look, or without its ever having run.
    while_down();
}

void publisher::publish(std::vector<persistent_message> messages,
                        broker::unique_function<void(bool)> done) {
    auto const of = std::make_shared<completion>();
    of->open = messages.size();
    of->done = std::move(done);
    std::size_t size = 0;
    for (auto const& m : messages) size += size_of(m);
    {
        std::lock_guard const lock(mutex_);
        // What alone is too much goes when nothing else waits, or it would never go.
        of->failed = waiting_bytes_ != 0 && waiting_bytes_ + size > options_.outside_bytes;
        if (of->failed || messages.empty()) {
            answered_.push_back(of);
        } else {
            waiting_bytes_ += size;
            for (auto& m : messages) waiting_.push_back({std::move(m), of});
        }
    }
    waker_->wake();
}

void publisher::prepare(amqp_connection& on) {
    declare_shared(on);
    on.open_channel(publishing_channel);
    on.select_confirms(publishing_channel);
    router_->link_up();
}

wait_for publisher::work(amqp_connection& on) {
    read(on);
    answer();
    tell_dropped();
    // While blocked, everything waits, within its bounds.
    if (blocked_) return {};
    for (int i = 0; i != publishes_per_turn; ++i) {
        if (ledger_.size() >= options_.confirm_window) return {};
        if (!on.writable()) return {.writable = true};
        bool const batch = publish_batch(on);
        bool const message = publish_persistent(on);
        if (!batch && !message) return {.until = std::min(router_->next_due(), probe(on))};
    }
    return {.until = std::chrono::steady_clock::now()};
}

void publisher::read(amqp_connection& on) {
    while (auto const got = on.next()) {
        if (auto const* answer = std::get_if<confirm>(&*got)) {
            ledger_.settle(answer->tag, answer->multiple, [this, answer](unconfirmed const& entry) {
                settle(entry, answer->taken);
            });
        } else if (auto const* why = std::get_if<link_blocked>(&*got)) {
            set_blocked(true, why->reason);
        } else if (std::holds_alternative<link_unblocked>(*got)) {
            set_blocked(false, {});
        }
    }
}

void publisher::set_blocked(bool blocked, std::string const& reason) {
    if (blocked_ == blocked) return;
    blocked_ = blocked;
    if (options_.on_event) {
        options_.on_event({blocked ? "rabbitmq_blocked" : "rabbitmq_unblocked", reason});
    }
    if (options_.on_blocked) options_.on_blocked(blocked);
}

void publisher::settle(unconfirmed const& entry, bool taken) {
    if (entry.probe) return;
    (taken ? confirmed_ : unconfirmed_).fetch_add(1, std::memory_order_relaxed);
    if (taken) {
        confirm_seconds_.observe(
            std::chrono::duration<double>(std::chrono::steady_clock::now() - entry.sent).count());
    }
    if (entry.of) return settle_one(*entry.of, taken);
    // A batch that was refused is not published again: it could arrive twice, and after others.
    router_->settled(entry.target);
}

void publisher::settle_one(completion& of, bool taken) {
    of.failed |= !taken;
    if (--of.open == 0) of.done(!of.failed);
}

bool publisher::publish_batch(amqp_connection& on) {
    auto const batch = router_->take(std::chrono::steady_clock::now());
    if (!batch) return false;
    // First into the ledger: should the publish fail, it is settled with the others.
    ledger_.add({batch->target, nullptr, false});
    auto const key = batch->target.empty() ? std::string(all_nodes_key) : node_key(batch->target);
    on.publish(publishing_channel, {.exchange = exchange_name,
                                    .routing_key = key,
                                    .content_type = events_content_type,
                                    .app_id = options_.node_id,
                                    .body = batch->body});
    published();
    gathered_.fetch_add(batch->count, std::memory_order_relaxed);
    return true;
}

bool publisher::fits(persistent_message const& m, amqp_connection const& on) {
    std::size_t headers = 0;
    for (auto const& [name, value] : m.headers) headers += header_octets(name, value);
    return headers <= on.header_room();
}

bool publisher::publish_persistent(amqp_connection& on) {
    waiting_message next;
    {
        std::lock_guard const lock(mutex_);
        if (waiting_.empty()) return false;
        next = std::move(waiting_.front());
        waiting_.pop_front();
        waiting_bytes_ -= size_of(next.message);
    }
    auto const& m = next.message;
    // Half sent it would end the link, with all that is under way on it.
    if (!fits(m, on)) {
        settle_one(*next.of, false);
        return true;
    }
    ledger_.add({{}, next.of, false});
    on.publish(publishing_channel, {.exchange = m.exchange,
                                    .routing_key = m.routing_key,
                                    .content_type = m.content_type,
                                    .type = m.type,
                                    .message_id = m.id,
                                    .app_id = options_.node_id,
                                    .persistent = true,
                                    .headers = {m.headers.begin(), m.headers.end()},
                                    .body = m.body});
    published();
    outside_.fetch_add(1, std::memory_order_relaxed);
    return true;
}

void publisher::published() {
    published_.fetch_add(1, std::memory_order_relaxed);
    next_probe_ = std::chrono::steady_clock::now() + options_.probe_every;
}

std::chrono::steady_clock::time_point publisher::probe(amqp_connection& on) {
    auto const now = std::chrono::steady_clock::now();
    if (now < next_probe_) return next_probe_;
    next_probe_ = now + options_.probe_every;
    ledger_.add({{}, nullptr, true});
    // By the default exchange: who listens to everything in ours does not see it.
    on.publish(publishing_channel, {.routing_key = probe_key, .app_id = options_.node_id});
    return next_probe_;
}

void publisher::answer() {
    std::deque<std::shared_ptr<completion>> answered;
    {
        std::lock_guard const lock(mutex_);
        answered = std::exchange(answered_, {});
    }
    for (auto const& of : answered) of->done(!of->failed);
}

void publisher::tell_dropped() {
    auto const now = std::chrono::steady_clock::now();
    if (now < next_told_) return;
    next_told_ = now + std::chrono::seconds(1);
    auto const dropped = router_->dropped();
    if (dropped == told_dropped_) return;
    if (options_.on_event) {
        options_.on_event({"events_dropped", std::to_string(dropped - told_dropped_)});
    }
    told_dropped_ = dropped;
}

void publisher::while_down() {
    router_->link_down();
    set_blocked(false, {});
    ledger_.take_all([this](unconfirmed const& entry) { settle(entry, false); });
    answer();
    tell_dropped();
    std::deque<waiting_message> lost;
    {
        std::lock_guard const lock(mutex_);
        lost = std::exchange(waiting_, {});
        waiting_bytes_ = 0;
    }
    for (auto const& each : lost) settle_one(*each.of, false);
}

bool publisher::finished() {
    std::lock_guard const lock(mutex_);
    return waiting_.empty() && answered_.empty() && ledger_.size() == 0 && router_->idle();
}

void publisher::count(counters& into) const {
    into.published = published_.load(std::memory_order_relaxed);
    into.confirmed = confirmed_.load(std::memory_order_relaxed);
    into.unconfirmed = unconfirmed_.load(std::memory_order_relaxed);
    into.gathered = gathered_.load(std::memory_order_relaxed);
    into.outside = outside_.load(std::memory_order_relaxed);
    into.dropped = router_->dropped();
    into.waiting_bytes = router_->waiting_bytes();
    into.confirm_seconds = confirm_seconds_.figures();
    into.connects += link_.connects();
    into.lost_links += link_.losses();
}

}  // namespace rabbitmq
