#include "chat/room_topics.hpp"

#include "chat/json/message_json.hpp"
#include "chat/message_builder.hpp"
#include "chat/room_access.hpp"
#include "chat/room_topic.hpp"

#include <utility>

namespace chat {
namespace {

broker::topic_refusal to_topic_refusal(boost::system::error_code failed) {
    auto [code, reason] = to_app_error(to_refusal(failed));
    return {std::move(code), std::move(reason)};
}

}  // namespace

bool room_topics::owns(std::string_view destination) const {
    return destination.starts_with(room_topic_prefix);
}

std::string_view room_topics::room_of(std::string_view destination) const {
    if (!room_of_topic(destination)) return {};
    return destination.substr(room_topic_prefix.size());
}

std::string_view room_topics::access_ended_by(broker::message const& what) const {
    return what.seq() == 0 ? std::string_view() : json::leaver_in(what.body());
}

void room_topics::open(std::string destination, broker::principal_ptr caller,
                       broker::executor& home,
                       broker::unique_function<void(broker::open_outcome)> done) {
    auto const room = room_of_topic(destination);
    if (!room) {
        home.post(
            [done = std::move(done)]() mutable { done(to_topic_refusal(errc::no_such_room)); });
        return;
    }
    auto work = [room = *room, who = identity_of(*caller)](unit_of_work& unit) {
        return readable_room(unit, room, who);
    };
    auto opened = [done = std::move(done)](result<room_view> view) mutable {
        if (view) return done(view->room.last_seq);
        done(to_topic_refusal(view.error()));
    };
    in_transaction(store_, access::read_only, home, std::move(work), std::move(opened));
}

void room_topics::read_after(std::string destination, std::uint64_t after, std::size_t limit,
                             broker::executor& home,
                             broker::unique_function<void(broker::history_outcome)> done) {
    using messages = std::vector<broker::message_ptr>;
    auto const room = room_of_topic(destination);
    // The frames are made on the database thread: a long replay does not hold up the shard.
    auto work = [room = room.value_or(room_id(0)), after,
                 limit](unit_of_work& unit) -> result<messages> {
        messages replay;
        for (auto const& stored : unit.read_after(room, after, limit))
            replay.push_back(room_message(stored));
        return replay;
    };
    auto read = [done = std::move(done)](result<messages> replay) mutable {
        if (replay) return done(std::move(*replay));
        done(to_topic_refusal(replay.error()));
    };
    in_transaction(store_, access::read_only, home, std::move(work), std::move(read));
}

void room_topics::last_seqs(std::vector<std::string> destinations, broker::executor& home,
                            broker::unique_function<void(broker::last_seqs_outcome)> done) {
    std::vector<room_id> rooms;
    rooms.reserve(destinations.size());
    for (auto const& destination : destinations)
        rooms.push_back(room_of_topic(destination).value_or(room_id(0)));
    auto work = [rooms =
                     std::move(rooms)](unit_of_work& unit) -> result<std::vector<std::uint64_t>> {
        return unit.last_seqs(rooms);
    };
    auto read = [done = std::move(done)](result<std::vector<std::uint64_t>> seqs) mutable {
        if (seqs) return done(std::move(*seqs));
        done(to_topic_refusal(seqs.error()));
    };
    in_transaction(store_, access::read_only, home, std::move(work), std::move(read));
}

}  // namespace chat
