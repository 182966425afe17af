#include "broker/session/pending_acks.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace broker {
namespace {

template <typename Number>
bool parse_number(std::string_view text, Number& number) {
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string to_string(ack_tag tag) {
    return std::to_string(static_cast<std::uint32_t>(tag.subscription)) + '.' +
           std::to_string(tag.number);
}

std::optional<ack_tag> parse_ack_tag(std::string_view text) noexcept {
    auto const dot = text.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    std::uint32_t subscription = 0;
    ack_tag tag;
    if (!parse_number(text.substr(0, dot), subscription)) return std::nullopt;
    if (!parse_number(text.substr(dot + 1), tag.number)) return std::nullopt;
    tag.subscription = static_cast<subscription_handle>(subscription);
    return tag;
}

std::uint64_t pending_acks::add(subscription_handle subscription, bool cumulative,
                                message_ptr message, std::uint32_t attempt) {
    pending_.push_back({++last_number_, subscription, cumulative, attempt, std::move(message)});
    ++live_;
    return last_number_;
}

std::vector<pending_ack> pending_acks::settle(ack_tag tag) {
    std::vector<pending_ack> settled;
    auto const found = std::ranges::lower_bound(pending_, tag.number, {}, &pending_ack::number);
    if (found == pending_.end() || found->number != tag.number || !found->message) return settled;

    auto const subscription = found->subscription;
    if (tag.subscription != subscription_handle::none && tag.subscription != subscription) {
        return settled;
    }
    if (found->cumulative) {
        for (auto older = pending_.begin(); older != found; ++older) {
            // An entry keeps the mode in force when the message was sent.
            if (older->subscription == subscription && older->message) {
                settled.push_back(std::move(*older));
                older->message = nullptr;
            }
        }
    }
    settled.push_back(std::move(*found));
    found->message = nullptr;
    live_ -= settled.size();
    tidy();
    return settled;
}

std::optional<std::uint64_t> pending_acks::find(subscription_handle subscription,
                                                std::string_view message_id) const noexcept {
    for (auto const& p : pending_) {
        if (!p.message) continue;
        if (subscription != subscription_handle::none && p.subscription != subscription) continue;
        if (p.message->id() == message_id) return p.number;
    }
    return std::nullopt;
}

std::size_t pending_acks::count(subscription_handle subscription) const noexcept {
    return static_cast<std::size_t>(
        std::ranges::count_if(pending_, [subscription](pending_ack const& each) {
            return each.message != nullptr && each.subscription == subscription;
        }));
}

void pending_acks::drop(subscription_handle subscription) {
    for (auto& p : pending_) {
        if (p.subscription != subscription || !p.message) continue;
        p.message = nullptr;
        --live_;
    }
    tidy();
}

// Entries settled out of turn are left where they are, so that settling moves nothing; they go when
// they reach an end or when they are the most.
void pending_acks::tidy() {
    while (!pending_.empty() && !pending_.front().message) pending_.pop_front();
    while (!pending_.empty() && !pending_.back().message) pending_.pop_back();
    if (pending_.size() > 64 && pending_.size() > 2 * live_) {
        std::erase_if(pending_, [](pending_ack const& p) { return !p.message; });
    }
}

}  // namespace broker
