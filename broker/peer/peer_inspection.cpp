#include "broker/peer/stomp_peer.hpp"
#include "broker/shard.hpp"
#include "broker/shard_metrics.hpp"

#include <algorithm>
#include <chrono>

// What operators see of a session, and do to it.

namespace broker {
namespace {

// As its client names it.
std::string_view name_of(subscription const& which) {
    return which.id().value_or(which.destination());
}

bool is_there(subscription const& which) {
    return which.state() != subscription_state::ended;
}

std::string_view or_empty(std::string const* text) {
    return text == nullptr ? std::string_view() : std::string_view(*text);
}

}  // namespace

bool stomp_peer::is_of(std::string_view user) const {
    auto const& caller = session_.caller();
    return user_ == user || or_empty(caller ? &caller->name : nullptr) == user;
}

bool stomp_peer::fits(session_question const& question) const {
    if (!question.user.empty() && !is_of(question.user)) return false;
    if (!question.session.empty() && session_.id() != question.session) return false;
    if (question.slow && queued_bytes() < session_question::slow_bytes) return false;
    return question.destination.empty() ||
           std::ranges::any_of(session_.subscriptions(), [&](subscription const& each) {
               return is_there(each) && each.destination() == question.destination;
           });
}

session_report stomp_peer::report() const {
    using namespace std::chrono;
    auto const second = duration_cast<seconds>(shard_.loop().now().time_since_epoch()).count();
    auto const age = seconds(static_cast<std::uint32_t>(second) - opened_second_);
    auto const beats = session_.heart_beats();
    return {.session = session_.id(),
            .user = user_,
            .transport = transport_labels[transport_],
            .address = address_ ? address_->text() : std::string(),
            .since = floor<seconds>(system_clock::now()) - age,
            .version = stomp::to_string(session_.version()),
            .subscriptions =
                static_cast<std::size_t>(std::ranges::count_if(session_.subscriptions(), is_there)),
            .queued_bytes = queued_bytes(),
            .beats_in = beats.incoming_every,
            .beats_out = beats.outgoing_every};
}

session_details stomp_peer::details() const {
    session_details out{report(), {}};
    for (auto const& each : session_.subscriptions()) {
        if (!is_there(each)) continue;
        out.subscriptions.push_back({.id = std::string(name_of(each)),
                                     .destination = std::string(each.destination()),
                                     .ack = stomp::to_string(each.ack()),
                                     .pending = session_.pending(each.handle())});
    }
    return out;
}

bool stomp_peer::end_subscription(std::string_view id, std::string_view why) {
    auto const& all = session_.subscriptions();
    auto const found = std::ranges::find_if(all, [id](subscription const& each) {
        return each.state() == subscription_state::active && name_of(each) == id;
    });
    if (link_ == nullptr || found == all.end()) return false;
    // To its client the same as when its user is no member any more.
    session_.on_subscription_ended(found->handle(), {"access_ended", std::string(why)},
                                   shard_.current_actions());
    perform_all();
    feed_held();
    finish_turn();
    return true;
}

}  // namespace broker
