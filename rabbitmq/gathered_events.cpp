#include "rabbitmq/gathered_events.hpp"

#include "rabbitmq/event_codec.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace rabbitmq {
namespace {

constexpr std::size_t most_remembered = 100;

enum class worth : std::uint8_t { ephemeral, unstored, kept, vital };

worth of_message(broker::message const& m, worth otherwise) {
    return m.ephemeral() ? worth::ephemeral : otherwise;
}

worth worth_of(broker::bus_event const& event) {
    struct {
        worth operator()(broker::topic_event const& e) const {
            return of_message(*e.message, e.message->seq() == 0 ? worth::unstored : worth::kept);
        }
        worth operator()(broker::user_event const& e) const {
            return of_message(*e.message, worth::kept);
        }
        worth operator()(broker::everybody_event const& e) const {
            return of_message(*e.message, worth::kept);
        }
        worth operator()(broker::access_ended_event const&) const { return worth::vital; }
    } const judge;
    return std::visit(judge, event);
}

}  // namespace

bool gathered_events::admits(broker::bus_event const& event, std::size_t size) const {
    auto const after = waiting_bytes() + size;
    auto const bound = limits_.waiting_bytes;
    switch (worth_of(event)) {
        case worth::ephemeral: return !down_ && after <= bound / 2;
        case worth::unstored: return after <= bound / 4 * 3;
        case worth::kept: return after <= bound;
        case worth::vital: return after <= bound + bound / 8;
    }
    return false;
}

bool gathered_events::is_full(event_batch const& batch) const {
    return batch.count >= limits_.batch_count || batch.body.size() >= limits_.batch_bytes;
}

bool gathered_events::add(std::string_view node, broker::bus_event const& event) {
    auto const size = encoded_size(event);
    if (!admits(event, size)) return false;
    append_event(batch_for(node, size).body, event);
    return true;
}

bool gathered_events::add_canary(std::string_view own_node, std::uint64_t number) {
    auto const size = encoded_canary_size(number);
    if (down_ || waiting_bytes() + size > limits_.waiting_bytes) return false;
    append_canary(batch_for(own_node, size).body, number);
    return true;
}

// Where the next event for the node goes, which counts as being there.
event_batch& gathered_events::batch_for(std::string_view node, std::size_t size) {
    auto const for_all = node.empty();
    if (stages_.empty() || stages_.back().for_all != for_all) {
        stages_.emplace_back().for_all = for_all;
    }
    auto& lanes = stages_.back().lanes;
    auto at = lanes.find(node);
    if (at == lanes.end()) at = lanes.emplace(std::string(node), lane{}).first;
    auto& batches = at->second.batches;
    if (batches.empty() || is_full(batches.back()) ||
        batches.back().body.size() + size > limits_.batch_bytes) {
        auto& fresh = batches.emplace_back();
        fresh.target = node;
        begin_events(fresh.body);
    }
    ++batches.back().count;
    waiting_ += size;
    return batches.back();
}

bool gathered_events::may_go(std::string const& target, event_batch const& batch, time_point now) {
    if (is_full(batch)) return true;
    auto const before = sent_.find(target);
    if (before == sent_.end()) return true;
    if (before->second.open >= limits_.open_batches) return false;
    if (before->second.next <= now) return true;
    next_due_ = std::min(next_due_, before->second.next);
    return false;
}

std::optional<event_batch> gathered_events::take(time_point now) {
    next_due_ = time_point::max();
    if (stages_.empty()) return std::nullopt;
    auto& front = stages_.front();
    // Each node in its turn, so that one with much does not hold up the others.
    auto const first = front.lanes.upper_bound(front.last);
    auto turn = first == front.lanes.end() ? front.lanes.begin() : first;
    for (std::size_t tried = 0; tried != front.lanes.size(); ++tried) {
        auto const& batches = turn->second.batches;
        // What waits behind it, here or in the next stage, gathers without it.
        if (batches.size() > 1 || stages_.size() > 1 || may_go(turn->first, batches.front(), now)) {
            return take_from(front, turn, now);
        }
        if (++turn == front.lanes.end()) turn = front.lanes.begin();
    }
    return std::nullopt;
}

event_batch gathered_events::take_from(stage& from,
                                       std::map<std::string, lane, std::less<>>::iterator turn,
                                       time_point now) {
    auto batch = std::move(turn->second.batches.front());
    turn->second.batches.pop_front();
    waiting_ -= batch.body.size() - events_header_size;
    from.last = turn->first;
    // Nodes come and go; those that were sent nothing for long are forgotten.
    if (sent_.size() > most_remembered) {
        std::erase_if(sent_, [now](auto const& each) {
            return each.second.open == 0 && each.second.next <= now;
        });
    }
    auto& before = sent_[turn->first];
    ++before.open;
    before.next = now + limits_.pace;
    if (turn->second.batches.empty()) from.lanes.erase(turn);
    if (from.lanes.empty()) stages_.pop_front();
    return batch;
}

void gathered_events::settled(std::string_view target) {
    auto const before = sent_.find(target);
    if (before != sent_.end() && before->second.open != 0) --before->second.open;
}

void gathered_events::link_down() {
    sent_.clear();
    down_ = true;
}

}  // namespace rabbitmq
