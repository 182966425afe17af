#include "broker/routing/room_feeds.hpp"

#include "broker/routing/fan_out.hpp"

#include <algorithm>
#include <utility>

namespace broker::routing {

// A subscription on its way to live.
struct room_feeds::joiner {
    subscription* who;
    std::uint64_t serial;
    std::optional<std::uint64_t> after;
    subscribed done;
    std::uint64_t target = 0;  // what the store had when it was opened
    bool reading = false;
    bool waits_for_tick = false;
};

struct room_feeds::feed {
    std::string name;
    std::uint64_t serial = 0;  // tells a feed from an earlier one of the same name
    room_sequencer order;
    subscriber_list live;
    std::vector<joiner> joining;
    bool repairing = false;
    bool found_by_sweep = false;  // what is being repaired
    // What was read from the store last: behind the one, up to the other. The bus may still bring
    // it.
    std::uint64_t repaired_after = 0;
    std::uint64_t repaired_up_to = 0;
    bool repair_waits_for_tick = false;
    // Messages that end somebody's access and came ahead of others.
    std::vector<message_ptr> ends_ahead;

    std::vector<joiner>::iterator find_joiner(std::uint64_t wanted) {
        return std::ranges::find(joining, wanted, &joiner::serial);
    }
};

room_feeds::room_feeds(sequenced_topics& store, executor& home)
    : store_(store), home_(home), alive_(std::make_shared<bool>(true)) {}

room_feeds::~room_feeds() {
    *alive_ = false;
}

room_feeds::feed* room_feeds::find(std::string_view name) {
    auto const found = feeds_.find(name);
    return found == feeds_.end() ? nullptr : found->second.get();
}

void room_feeds::subscribe(std::string_view destination, subscription& who, principal_ptr caller,
                           std::optional<std::uint64_t> after, subscribed done) {
    feed* where = find(destination);
    if (where == nullptr) {
        auto made = std::make_unique<feed>();
        made->name = destination;
        made->serial = next_feed_serial_++;
        where = made.get();
        feeds_.emplace(std::string(destination), std::move(made));
    }
    who.place = where;
    where->joining.push_back({&who, who.serial, after, std::move(done)});

    // Registered: every message from now on is held or delivered. Only now may the store be asked.
    auto opened = [this, alive = alive_, name = where->name,
                   serial = who.serial](open_outcome outcome) mutable {
        if (*alive) on_opened(name, serial, std::move(outcome));
    };
    store_.open(where->name, std::move(caller), home_, std::move(opened));
}

void room_feeds::unsubscribe(subscription& who) {
    auto* const where = static_cast<feed*>(who.place);
    if (where == nullptr) return;
    who.place = nullptr;
    if (auto const joining = where->find_joiner(who.serial); joining != where->joining.end()) {
        where->joining.erase(joining);
    } else {
        where->live.remove(who);
    }
    drop_if_unused(*where);
}

std::string_view room_feeds::name_of(subscription const& who) noexcept {
    auto const* const where = static_cast<feed const*>(who.place);
    return where == nullptr ? std::string_view() : std::string_view(where->name);
}

void room_feeds::on_opened(std::string const& name, std::uint64_t serial, open_outcome outcome) {
    feed* const where = find(name);
    if (where == nullptr) return;
    auto const found = where->find_joiner(serial);
    if (found == where->joining.end()) return;
    if (auto* const refusal = std::get_if<topic_refusal>(&outcome)) {
        finish_join(*where, serial, std::move(*refusal));
        return;
    }
    std::uint64_t const last = std::get<std::uint64_t>(outcome);
    found->target = last;
    found->who->opened_at = last;
    // A client may know of more than the store has only if it talked to another store: start at the
    // end.
    found->who->position = std::min(found->after.value_or(last), last);
    if (!where->order.started()) {
        std::vector<message_ptr> in_order;
        where->order.start(last, in_order);
        deliver_all(*where, in_order);
        if (where->order.gap()) repair(*where);
    } else {
        // What the store has and the bus has not brought yet may be lost to those that are live.
        where->order.expect(last);
        if (where->order.gap()) repair_soon(*where);
    }
    advance(*where, *found);
}

// Goes live when everything was replayed that was stored when it was opened, or that the others
// have; else reads on.
void room_feeds::advance(feed& where, joiner& who) {
    if (who.who->position >= std::max(who.target, where.order.last())) {
        finish_join(where, who.serial, std::nullopt);
        return;
    }
    if (who.who->out->queued_bytes() > replay_queue_bytes) {
        who.waits_for_tick = waiting_ = true;
        return;
    }
    who.reading = true;
    auto replay = [this, alive = alive_, name = where.name,
                   serial = who.serial](history_outcome outcome) mutable {
        if (*alive) on_replay(name, serial, std::move(outcome));
    };
    store_.read_after(where.name, who.who->position, replay_page, home_, std::move(replay));
}

void room_feeds::on_replay(std::string const& name, std::uint64_t serial, history_outcome outcome) {
    feed* const where = find(name);
    if (where == nullptr) return;
    auto const found = where->find_joiner(serial);
    if (found == where->joining.end()) return;
    found->reading = false;
    if (auto* const refusal = std::get_if<topic_refusal>(&outcome)) {
        finish_join(*where, serial, std::move(*refusal));
        return;
    }
    auto const& page = std::get<std::vector<message_ptr>>(outcome);
    subscription& who = *found->who;
    std::uint64_t replayed = 0;
    bool ended = false;
    for (auto const& what : page) {
        if (what->seq() <= who.position) continue;
        who.position = what->seq();
        fan_out(what, delivery_kind::room, watch_).deliver(who);
        ++replayed;
        if (ends_access_of(who, *what)) {
            ended = true;
            break;
        }
    }
    shard_metrics::here().replayed.add(replayed);
    if (ended) {
        unsubscribe(who);
        who.owner->on_access_ended(who, name);
        return;
    }
    if (page.empty()) {
        // Retention removed what lies between: there is nothing to wait for.
        who.position = std::max({who.position, found->target, where->order.last()});
    }
    advance(*where, *found);
}

void room_feeds::finish_join(feed& where, std::uint64_t serial,
                             std::optional<topic_refusal> refusal) {
    auto const found = where.find_joiner(serial);
    joiner finished = std::move(*found);
    where.joining.erase(found);
    if (refusal) {
        finished.who->place = nullptr;
        drop_if_unused(where);
    } else {
        where.live.add(*finished.who);
    }
    finished.done(std::move(refusal));
}

void room_feeds::on_message(message_ptr const& what) {
    feed* const where = find(what->destination());
    if (where == nullptr) return;
    if (what->seq() == 0) return deliver_event(*where, what);
    if (what->seq() > where->repaired_after && what->seq() <= where->repaired_up_to) {
        shard_metrics::here().late.add();
    }
    std::vector<message_ptr> in_order;
    where->order.take(what, in_order);
    if (what->seq() > where->order.last()) note_end_ahead(*where, what);
    deliver_all(*where, in_order);
    if (where->order.gap()) repair_soon(*where);
    drop_if_unused(*where);
}

// For as long as the store cannot fill the gap, others may leave: no more are kept than messages.
void room_feeds::note_end_ahead(feed& where, message_ptr const& what) {
    if (where.ends_ahead.size() == room_sequencer::max_held) return;
    if (!store_.access_ended_by(*what).empty()) where.ends_ahead.push_back(what);
}

// May leave a feed that nobody uses: who calls this drops it in the end.
void room_feeds::deliver_all(feed& where, std::vector<message_ptr> const& in_order) {
    for (auto const& what : in_order) {
        fan_out out(what, delivery_kind::room, watch_);
        for (subscription* who : where.live) {
            if (what->seq() <= who->position) continue;
            who->position = what->seq();
            out.deliver(*who);
        }
        end_access(where, *what);
    }
}

// What is not stored (typing, presence) is for whoever listens now, and may read now: it does not
// wait for the message behind which somebody's access ends.
void room_feeds::deliver_event(feed& where, message_ptr const& what) {
    std::erase_if(where.ends_ahead,
                  [&](auto const& end) { return end->seq() <= where.order.last(); });
    fan_out out(what, delivery_kind::room, watch_);
    for (subscription* who : where.live) {
        bool const has_left = std::ranges::any_of(
            where.ends_ahead, [&](auto const& end) { return ends_access_of(*who, *end); });
        if (!has_left) out.deliver(*who);
    }
}

bool room_feeds::ends_access_of(subscription const& who, message const& what) const {
    if (what.seq() <= who.opened_at) return false;
    auto const user = store_.access_ended_by(what);
    return !user.empty() && who.owner->user() == user;
}

void room_feeds::end_access(feed& where, message const& what) {
    if (store_.access_ended_by(what).empty()) return;
    std::vector<subscription*> ended;
    for (subscription* who : where.live) {
        if (ends_access_of(*who, what)) ended.push_back(who);
    }
    for (subscription* who : ended) {
        where.live.remove(*who);
        who->place = nullptr;
        who->owner->on_access_ended(*who, where.name);
    }
}

void room_feeds::repair_soon(feed& where) {
    if (where.repairing || where.repair_waits_for_tick) return;
    where.repair_waits_for_tick = waiting_ = has_gaps_ = true;
    shard_metrics::here().gaps.add();
}

void room_feeds::repair(feed& where) {
    if (where.repairing) return;
    where.repairing = true;
    where.repair_waits_for_tick = false;
    auto filled = [this, alive = alive_, name = where.name,
                   serial = where.serial](history_outcome outcome) mutable {
        if (*alive) on_repair(name, serial, std::move(outcome));
    };
    store_.read_after(where.name, where.order.last(), replay_page, home_, std::move(filled));
}

void room_feeds::on_repair(std::string const& name, std::uint64_t feed_serial,
                           history_outcome outcome) {
    feed* const where = find(name);
    if (where == nullptr || where->serial != feed_serial) return;
    where->repairing = false;
    auto* const page = std::get_if<std::vector<message_ptr>>(&outcome);
    if (page == nullptr || page->empty()) {
        // The store cannot be asked, or a reader of it lags behind: again with the next tick.
        if (where->order.gap()) where->repair_waits_for_tick = waiting_ = true;
        return;
    }
    auto const before = where->order.last();
    std::vector<message_ptr> in_order;
    for (auto const& what : *page) where->order.take(what, in_order);
    count_repaired(*where, before, *page, in_order);
    deliver_all(*where, in_order);
    if (where->order.gap()) {
        repair(*where);
    } else {
        where->found_by_sweep = false;
    }
    drop_if_unused(*where);
}

// Those of `page` that were delivered: others may have been held, and were not missing.
void room_feeds::count_repaired(feed& where, std::uint64_t before,
                                std::vector<message_ptr> const& page,
                                std::vector<message_ptr> const& delivered) {
    std::uint64_t count = 0;
    for (auto const& what : delivered) {
        auto const same = std::ranges::lower_bound(page, what->seq(), {}, &message::seq);
        if (same != page.end() && *same == what) ++count;
    }
    shard_metrics::here().repaired[where.found_by_sweep ? 1 : 0].add(count);
    if (before != where.repaired_up_to) where.repaired_after = before;
    where.repaired_up_to = where.order.last();
}

void room_feeds::sweep() {
    if (sweeping_ > 0) return;
    shard_metrics::here().sweeps.add();
    std::vector<std::string> page;
    auto const ask = [this](std::vector<std::string> names) {
        ++sweeping_;
        auto known = [this, alive = alive_, names](last_seqs_outcome outcome) {
            if (*alive) on_last_seqs(names, std::move(outcome));
        };
        store_.last_seqs(std::move(names), home_, std::move(known));
    };
    for (auto const& [name, where] : feeds_) {
        if (!where->order.started()) continue;
        page.push_back(name);
        if (page.size() == sweep_page) ask(std::exchange(page, {}));
    }
    if (!page.empty()) ask(std::move(page));
}

void room_feeds::on_last_seqs(std::vector<std::string> const& names, last_seqs_outcome outcome) {
    --sweeping_;
    auto const* const seqs = std::get_if<std::vector<std::uint64_t>>(&outcome);
    if (seqs == nullptr) return;  // the next sweep asks again
    for (std::size_t i = 0; i < names.size(); ++i) {
        feed* const where = find(names[i]);
        if (where == nullptr || !where->order.started()) continue;
        where->order.expect((*seqs)[i]);
        // At once: while the bus is away this is the way that messages take, and a needless read
        // for one that is just being delivered is rare.
        if (!where->order.gap()) continue;
        if (!where->repairing && !where->repair_waits_for_tick) {
            where->found_by_sweep = true;
            shard_metrics::here().behind.add();
        }
        repair(*where);
    }
}

void room_feeds::on_tick() {
    if (!waiting_) return;
    waiting_ = has_gaps_ = false;
    std::vector<std::pair<std::string, std::uint64_t>> ready;
    for (auto& [name, where] : feeds_) {
        if (where->repair_waits_for_tick) {
            where->repair_waits_for_tick = false;
            if (where->order.gap()) repair(*where);
        }
        for (auto const& who : where->joining) {
            if (who.waits_for_tick) ready.emplace_back(name, who.serial);
        }
    }
    // advance() may end a join and with it a feed: look each one up again.
    for (auto const& [name, serial] : ready) {
        feed* const where = find(name);
        if (where == nullptr) continue;
        auto const who = where->find_joiner(serial);
        if (who == where->joining.end()) continue;
        who->waits_for_tick = false;
        advance(*where, *who);
    }
}

void room_feeds::for_each_room(
    std::function<void(std::string_view, std::size_t)> const& visit) const {
    for (auto const& [name, where] : feeds_) {
        visit(name, where->live.size() + where->joining.size());
    }
}

void room_feeds::drop_if_unused(feed& where) {
    if (!where.live.empty() || !where.joining.empty()) return;
    feeds_.erase(feeds_.find(where.name));
}

}  // namespace broker::routing
