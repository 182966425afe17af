#include "chat/operations/events.hpp"

#include "chat/operations/announced.hpp"

namespace chat::operations {

void announce_typing(context& chat, broker::executor& home, room_id room, user_id user,
                     std::string nickname, broker::trace_ptr trace,
                     broker::unique_function<void(result<member>)> done) {
    auto work = [room, user](unit_of_work& unit) -> result<member> {
        auto found = unit.find_member(room, user);
        if (found) return found;
        if (auto const there = unit.find_room(room); !there) return there.error();
        return found;
    };
    auto checked = [&bus = chat.bus, nickname = std::move(nickname), trace = std::move(trace),
                    done = std::move(done)](result<member> found) mutable {
        if (found) {
            room_event const event{.room = found->room,
                                   .who = found->user,
                                   .nickname = nickname.empty() ? found->nickname : nickname,
                                   .type = json::wire_type::typing,
                                   .last_read_seq = {}};
            bus.publish({broker::topic_event{ephemeral_message(event, trace)}});
        }
        done(std::move(found));
    };
    in_transaction(chat.store, access::read_only, home, std::move(work), std::move(checked));
}

void mark_read(context& chat, broker::executor& home, room_id room, user_id user,
               std::string nickname, std::optional<std::uint64_t> seq, broker::trace_ptr trace,
               broker::unique_function<void(result<read_service::marked>)> done) {
    auto work = [room, user, seq](unit_of_work& unit) {
        return read_service::mark_read(unit, room, user, seq);
    };
    auto announce = [&bus = chat.bus, user, trace = std::move(trace),
                     nickname = std::move(nickname)](read_service::marked const& marked) {
        room_event const event{.room = marked.state.room,
                               .who = user,
                               .nickname = nickname.empty() ? marked.nickname : nickname,
                               .type = json::wire_type::read,
                               .last_read_seq = marked.state.last_read_seq};
        bus.publish(
            {broker::topic_event{ephemeral_message(event, trace)},
             broker::user_event{std::to_string(user.value), std::string(notifications_queue),
                                unread_notification(marked.state, trace)}});
    };
    in_announced_transaction(chat.store, home, std::move(work), std::move(announce),
                             std::move(done));
}

}  // namespace chat::operations
