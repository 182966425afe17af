#include "rabbitmq/consumer.hpp"

#include "rabbitmq/dead_letter.hpp"
#include "rabbitmq/event_codec.hpp"
#include "rabbitmq/publisher.hpp"
#include "rabbitmq/topology.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>
#include <variant>

namespace rabbitmq {
namespace {

constexpr channel_number own_channel = 2;
constexpr channel_number shared_channel = 3;
// After so many deliveries the repetitions and acks get their turn.
constexpr int deliveries_per_turn = 256;

// "application/json; charset=utf-8" is JSON, too.
bool is_json(std::string_view content_type) {
    return content_type.substr(0, content_type.find(';')) == json_content_type;
}

}  // namespace

consumer::consumer(options const& all, broker::event_sink& sink, broker::inbound_handler* inbound,
                   publisher& dead_letters, topology_doubt& doubt, std::shared_ptr<wake_up> waker,
                   std::function<void(bool)> on_up)
    : options_(all),
      sink_(sink),
      inbound_(inbound),
      dead_letters_(dead_letters),
      doubt_(doubt),
      waker_(waker),
      link_("consumer", all, *this, std::move(waker), std::move(on_up)) {}

consumer::~consumer() {
    stop();
}

ack_ledger& consumer::ledger_of(channel_number channel) {
    return channel == own_channel ? own_ : shared_;
}

void consumer::prepare(amqp_connection& on) {
    ++link_number_;
    header_room_ = on.header_room();
    declare_shared(on);
    declare_own(on, options_.node_id, options_.queue_bytes);
    declare_at_ = std::chrono::steady_clock::now() + options_.declare_every;
    on.open_channel(own_channel);
    on.consume(own_channel, node_queue(options_.node_id), options_.prefetch);
    if (inbound_ == nullptr) return;
    on.open_channel(shared_channel);
    on.consume(shared_channel, inbound_queue, options_.inbound_prefetch);
}

wait_for consumer::work(amqp_connection& on) {
    if (doubt_.take() || std::chrono::steady_clock::now() >= declare_at_) declare_again(on);
    collect_letters();
    retry_due();
    bool const more = read(on);
    flush(on, !more);
    return {.until = more ? std::chrono::steady_clock::now() : next_due()};
}

// Nothing waits for the answers: RabbitMQ may only be slow, and deliveries go on.
void consumer::declare_again(amqp_connection& on) {
    declare_shared(on, declaration::not_awaited);
    bind_own(on, options_.node_id, declaration::not_awaited);
    declare_at_ = std::chrono::steady_clock::now() + options_.declare_every;
}

// True if there may be more.
bool consumer::read(amqp_connection& on) {
    for (int i = 0; i != deliveries_per_turn; ++i) {
        auto got = on.next();
        if (!got) return false;
        if (auto* const message = std::get_if<delivery>(&*got)) {
            take(std::move(*message));
            flush(on, false);
        }
    }
    return true;
}

void consumer::take(delivery got) {
    received_.fetch_add(1, std::memory_order_relaxed);
    ledger_of(got.channel).add();
    auto how = handle(got);
    if (how.is == outcome::kind::done) return done(got);
    settle({.what = std::move(got), .reason = {}}, std::move(how));
}

consumer::outcome consumer::handle(delivery const& got) {
    try {
        if (got.channel == shared_channel) return handle_inbound(got, false);
        if (got.content_type == events_content_type) return handle_events(got);
        if (is_json(got.content_type) && inbound_ != nullptr) return handle_inbound(got, true);
        return {outcome::kind::dead, "unknown content type"};
    } catch (std::exception const& error) {
        return {outcome::kind::again, error.what()};
    } catch (...) {
        return {outcome::kind::again, "unknown exception"};
    }
}

consumer::outcome consumer::handle_events(delivery const& got) {
    // What goes to all nodes comes back to its own, too. What this node has sent to itself are
    // canaries.
    bool const own = got.app_id == options_.node_id;
    if (own && got.routing_key == all_nodes_key) return {};
    auto decoded = decode_events(got.body, std::chrono::steady_clock::now());
    for (auto const number : decoded.canaries) {
        if (!own) break;
        doubt_.canary_is_over(number);
        if (options_.on_canary) options_.on_canary(number);
    }
    if (auto const count = decoded.events.size(); count != 0) {
        sink_.on_events(std::move(decoded.events));
        received_events_.fetch_add(count, std::memory_order_relaxed);
    }
    if (decoded.fault) return {outcome::kind::dead, decoded.fault.message()};
    return {};
}

consumer::outcome consumer::handle_inbound(delivery const& got, bool local) {
    auto verdict = inbound_->accept(got.routing_key, got.body, local);
    switch (verdict.is) {
        case broker::inbound_verdict::kind::ok:
            inbound_taken_.fetch_add(1, std::memory_order_relaxed);
            return {};
        case broker::inbound_verdict::kind::later:
            return {outcome::kind::again, std::move(verdict.reason)};
        case broker::inbound_verdict::kind::bad: break;
    }
    return {outcome::kind::dead, std::move(verdict.reason)};
}

void consumer::settle(held what, outcome how) {
    if (how.is == outcome::kind::done) return done(what.what);
    what.reason = std::move(how.reason);
    auto const repetitions = what.attempts - 1;
    if (how.is == outcome::kind::again && repetitions < options_.retry_delays.size()) {
        what.due = std::chrono::steady_clock::now() + options_.retry_delays[repetitions];
        held_.push_back(std::move(what));
        return;
    }
    what.dead = true;
    send_dead_letter(held_.emplace_back(std::move(what)));
}

void consumer::retry_due() {
    auto const now = std::chrono::steady_clock::now();
    for (auto& each : held_) {
        if (each.dead && !each.under_way && each.due <= now) send_dead_letter(each);
    }
    // Handling may add to held_: first everything that is due is taken out.
    auto const first = std::stable_partition(held_.begin(), held_.end(), [now](held const& each) {
        return each.dead || each.due > now;
    });
    std::vector<held> due(std::make_move_iterator(first), std::make_move_iterator(held_.end()));
    held_.erase(first, held_.end());
    for (auto& each : due) {
        retried_.fetch_add(1, std::memory_order_relaxed);
        ++each.attempts;
        auto how = handle(each.what);
        settle(std::move(each), std::move(how));
    }
}

void consumer::send_dead_letter(held& what) {
    auto const& message = what.what;
    auto const queue =
        message.channel == own_channel ? node_queue(options_.node_id) : std::string(inbound_queue);
    std::vector<persistent_message> letter;
    letter.push_back(make_dead_letter(
        message, {.reason = what.reason, .queue = queue, .attempts = what.attempts}, header_room_));
    what.under_way = true;
    dead_letters_.publish(std::move(letter),
                          [box = mailbox_, waker = waker_, link = link_number_,
                           channel = message.channel, tag = message.tag](bool taken) {
                              {
                                  std::lock_guard const lock(box->mutex);
                                  box->letters.push_back({link, channel, tag, taken});
                              }
                              waker->wake();
                          });
}

void consumer::collect_letters() {
    std::vector<mailbox::letter> letters;
    {
        std::lock_guard const lock(mailbox_->mutex);
        letters.swap(mailbox_->letters);
    }
    for (auto const& letter : letters) {
        if (letter.link != link_number_) continue;  // delivered again on the new connection
        auto const at = std::ranges::find_if(held_, [&letter](held const& each) {
            return each.what.channel == letter.channel && each.what.tag == letter.tag;
        });
        if (at == held_.end()) continue;
        if (!letter.taken) {
            at->under_way = false;
            at->due = std::chrono::steady_clock::now() + options_.retry_delays.front();
            continue;
        }
        dead_lettered_.fetch_add(1, std::memory_order_relaxed);
        if (options_.on_event) {
            options_.on_event({"dead_letter", at->what.routing_key + ", " + at->reason});
        }
        done(at->what);
        held_.erase(at);
    }
}

void consumer::flush(amqp_connection& on, bool everything) {
    auto const flush_one = [&](ack_ledger& ledger, channel_number channel, std::size_t prefetch) {
        if (!everything && ledger.untold() < std::max<std::size_t>(prefetch / 4, 1)) return;
        ledger.flush(
            [&](std::uint64_t tag, bool multiple) { on.acknowledge(channel, tag, multiple); });
    };
    flush_one(own_, own_channel, options_.prefetch);
    flush_one(shared_, shared_channel, options_.inbound_prefetch);
}

consumer::time_point consumer::next_due() const {
    auto due = declare_at_;
    for (auto const& each : held_) {
        if (!each.under_way) due = std::min(due, each.due);
    }
    return due;
}

// What was not acknowledged comes again from the shared queue, with its attempts counted anew; the
// node's own queue is gone with the connection, and the store repairs what it held.
void consumer::while_down() {
    held_.clear();
    own_.reset();
    shared_.reset();
}

// A dead letter that is under way would otherwise become a second one, of another node.
bool consumer::finished() {
    return own_.untold() == 0 && shared_.untold() == 0 &&
           std::ranges::none_of(held_, [](held const& each) { return each.under_way; });
}

void consumer::count(counters& into) const {
    into.received = received_.load(std::memory_order_relaxed);
    into.received_events = received_events_.load(std::memory_order_relaxed);
    into.inbound = inbound_taken_.load(std::memory_order_relaxed);
    into.retried = retried_.load(std::memory_order_relaxed);
    into.dead_lettered = dead_lettered_.load(std::memory_order_relaxed);
    into.connects += link_.connects();
    into.lost_links += link_.losses();
}

}  // namespace rabbitmq
