#include "chat/app/room_frames.hpp"

#include "chat/identity.hpp"
#include "chat/json/app_requests.hpp"
#include "chat/operations/events.hpp"
#include "chat/operations/membership.hpp"
#include "chat/operations/sending.hpp"

namespace chat::app {
namespace {

using broker::app_flow;
using json::room_frame;

struct room_action {
    room_frame frame;
    user_id user;
};

checked<room_action> read_action(app_call const& call) {
    auto frame = json::decode_room_frame(call.request.frame.body, call.room);
    if (frame.has_error()) return frame.error();
    auto const user = acting_user(identity_of(*call.request.caller), frame->sender);
    if (user.has_error()) return user.error();
    return room_action{std::move(*frame), *user};
}

app_flow send(app_call& call, room_action& action) {
    if (auto problem = operations::content_problem(action.frame.content, call.chat.options))
        return call.refuse(*problem);
    auto key = call.idempotency_key();
    if (key.has_error()) return call.refuse(key.error());
    new_message message{.room = *action.frame.room,
                        .author = action.user,
                        .nickname = std::move(action.frame.nickname),
                        .type = message_type::chat,
                        .content = std::move(action.frame.content),
                        .idempotency_key = std::move(*key),
                        .trace = call.trace()};
    operations::send(call.chat, call.request.home, std::move(message), call.completion());
    return app_flow::pipelined;  // the writer keeps the order
}

// Who may send is decided where the writer stores, and joining, leaving and reading take another
// way there: what they change must come behind the messages that were sent before.
app_flow join(app_call& call, room_action& action) {
    if (call.request.behind_others) return app_flow::after_others;
    // An empty content is usual here; one that is too long is not.
    auto const problem = operations::content_problem(action.frame.content, call.chat.options);
    if (problem && problem->code != errc::content_empty) return call.refuse(*problem);
    operations::join(call.chat, call.request.home,
                     {.room = *action.frame.room,
                      .user = action.user,
                      .nickname = std::move(action.frame.nickname),
                      .content = std::move(action.frame.content)},
                     call.origin(action.user), call.completion());
    return app_flow::barrier;
}

app_flow leave(app_call& call, room_action& action) {
    if (call.request.behind_others) return app_flow::after_others;
    auto const problem = operations::content_problem(action.frame.content, call.chat.options);
    if (problem && problem->code != errc::content_empty) return call.refuse(*problem);
    operations::leave(call.chat, call.request.home, *action.frame.room, action.user,
                      std::move(action.frame.content), call.origin(action.user), call.completion());
    return app_flow::barrier;
}

app_flow typing(app_call& call, room_action& action) {
    operations::announce_typing(call.chat, call.request.home, *action.frame.room, action.user,
                                std::move(action.frame.nickname), call.trace(), call.completion());
    return app_flow::pipelined;
}

app_flow read(app_call& call, room_action& action) {
    if (call.request.behind_others) return app_flow::after_others;
    operations::mark_read(call.chat, call.request.home, *action.frame.room, action.user,
                          std::move(action.frame.nickname), action.frame.last_read_seq,
                          call.trace(), call.completion());
    return app_flow::pipelined;
}

app_flow with_action(app_call& call, app_flow (*handle)(app_call&, room_action&)) {
    auto action = read_action(call);
    if (action.has_error()) return call.refuse(action.error());
    return handle(call, *action);
}

app_flow by_type(app_call& call, room_action& action) {
    switch (action.frame.type.value_or(json::wire_type::chat)) {
        case json::wire_type::chat: return send(call, action);
        case json::wire_type::join: return join(call, action);
        case json::wire_type::leave: return leave(call, action);
        case json::wire_type::typing: return typing(call, action);
        case json::wire_type::read: return read(call, action);
    }
    return app_flow::pipelined;  // not reached: the switch names every type
}

}  // namespace

app_flow on_send_message(app_call& call) {
    return with_action(call, by_type);
}
app_flow on_join(app_call& call) {
    return with_action(call, join);
}
app_flow on_leave(app_call& call) {
    return with_action(call, leave);
}
app_flow on_typing(app_call& call) {
    return with_action(call, typing);
}
app_flow on_read(app_call& call) {
    return with_action(call, read);
}

}  // namespace chat::app
