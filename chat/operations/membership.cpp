#include "chat/operations/membership.hpp"

#include "chat/message_builder.hpp"
#include "chat/operations/announced.hpp"
#include "chat/room_topic.hpp"

namespace chat::operations {
namespace {

auto announce_join(context& chat, broker::trace_ptr trace) {
    return [&chat, trace = std::move(trace)](member_service::joined const& came) {
        if (!came.announced) return;
        chat.bus.publish({broker::topic_event{room_message(*came.announced, {}, trace)}});
        if (chat.options.on_stored) chat.options.on_stored();
    };
}

}  // namespace

void join(context& chat, broker::executor& home, member_service::newcomer who, audit_origin origin,
          join_done done) {
    auto announce = announce_join(chat, origin.trace);
    auto work = [who = std::move(who), origin = std::move(origin)](unit_of_work& unit) {
        return member_service::join(unit, who, origin);
    };
    in_announced_transaction(chat.store, home, std::move(work), std::move(announce),
                             std::move(done));
}

void add_member(context& chat, broker::executor& home, member_service::newcomer who,
                identity caller, audit_origin origin, join_done done) {
    auto announce = announce_join(chat, origin.trace);
    auto work = [who = std::move(who), caller, origin = std::move(origin)](unit_of_work& unit) {
        return member_service::add(unit, who, caller, origin);
    };
    in_announced_transaction(chat.store, home, std::move(work), std::move(announce),
                             std::move(done));
}

void join_study(context& chat, broker::executor& home, new_room fields,
                member_service::newcomer who, audit_origin origin,
                broker::unique_function<void(result<study_join>)> done) {
    auto announce = [tell = announce_join(chat, origin.trace)](study_join const& made) {
        tell(made.joined);
    };
    auto work = [fields = std::move(fields), who = std::move(who),
                 origin = std::move(origin)](unit_of_work& unit) -> result<study_join> {
        auto found = room_service::find_or_create(unit, fields, origin);
        if (!found) return found.error();
        auto newcomer = who;
        newcomer.room = found->room.id;
        auto came = member_service::ensure(unit, newcomer, origin);
        if (!came) return came.error();
        return study_join{std::move(*came), found->created};
    };
    in_announced_transaction(chat.store, home, std::move(work), std::move(announce),
                             std::move(done));
}

void leave(context& chat, broker::executor& home, room_id room, user_id user, std::string content,
           audit_origin origin, broker::unique_function<void(result<stored_message>)> done) {
    auto announce = [&chat, trace = origin.trace](stored_message const& left) {
        chat.bus.publish({broker::topic_event{room_message(left, {}, trace)},
                          broker::access_ended_event{topic_of_room(left.room),
                                                     std::to_string(left.author.value)}});
        if (chat.options.on_stored) chat.options.on_stored();
    };
    auto work = [room, user, content = std::move(content),
                 origin = std::move(origin)](unit_of_work& unit) {
        return member_service::leave(unit, room, user, content, origin);
    };
    in_announced_transaction(chat.store, home, std::move(work), std::move(announce),
                             std::move(done));
}

}  // namespace chat::operations
