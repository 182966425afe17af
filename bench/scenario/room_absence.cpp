#include "bench/scenario/chat_bodies.hpp"
#include "bench/scenario/room_load.hpp"

#include <algorithm>
#include <utility>

// People who leave a room during a day of chat and come back to it. What is sent from the
// UNSUBSCRIBE until the RECEIPT of the new SUBSCRIBE may reach them or not; after that it must
// again.

namespace bench {

void room_load::leave(std::size_t client_place) {
    auto& who = members_[client_place];
    auto& client = clients_.at(client_place);
    who.is_there = presence::leaving;
    for (auto& stream : who.streams) stream.leave();
    who.sequence.leave();
    // Behind the UNSUBSCRIBE: a server ends the subscriptions of who is no member any more.
    bool const is_member = context_.who.distinct();
    client.unsubscribe(subscription, is_member ? std::string_view() : gone_receipt);
    if (!is_member) return;
    auto const user = context_.who.user_of(clients_.number_of(client));
    client.send(leave_destination, leave_body(rooms_[who.room].number, user), gone_receipt);
}

void room_load::is_gone(stomp_client& client, member& who) {
    if (who.is_there != presence::leaving) return;
    who.is_there = presence::away;
    if (std::exchange(who.wants_back, false)) come_back(client.index);
}

void room_load::come_back(std::size_t client_place) {
    auto& who = members_[client_place];
    if (who.is_there == presence::leaving) {
        who.wants_back = true;
        return;
    }
    auto& client = clients_.at(client_place);
    who.is_there = presence::coming;
    if (context_.who.distinct()) {
        join(client, who);
    } else {
        subscribe(client, who);
    }
}

void room_load::is_back(member& who) {
    if (who.is_there != presence::coming) return;
    who.is_there = presence::here;
    std::size_t place = rooms_[who.room].first_publisher;
    for (auto& stream : who.streams) stream.back(publishers_.at(place++).sent);
    // What number the room has reached is not known; the next one tells.
    who.sequence.back_at_next();
    day_->is_back(who.place);
}

bool room_load::everything_came() const {
    for (; came_ < members_.size(); ++came_) {
        auto const& who = members_[came_];
        if (who.is_there == presence::leaving || who.is_there == presence::coming) return false;
        std::size_t place = rooms_[who.room].first_publisher;
        for (auto const& stream : who.streams) {
            if (stream.lost(publishers_.at(place++).sent) > 0) return false;
        }
    }
    return true;
}

std::uint64_t room_load::unanswered_movements() const {
    return static_cast<std::uint64_t>(std::ranges::count_if(members_, [](member const& who) {
        return who.is_there == presence::leaving || who.is_there == presence::coming;
    }));
}

}  // namespace bench
