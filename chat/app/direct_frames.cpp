#include "chat/app/direct_frames.hpp"

#include "chat/identity.hpp"
#include "chat/json/app_requests.hpp"
#include "chat/operations/sending.hpp"
#include "chat/room_topic.hpp"

namespace chat::app {

broker::app_flow on_send_direct(app_call& call) {
    auto frame = json::decode_direct_frame(call.request.frame.body);
    if (frame.has_error()) return call.refuse(frame.error());
    auto const from = acting_user(identity_of(*call.request.caller), frame->sender);
    if (from.has_error()) return call.refuse(from.error());
    if (auto problem = operations::content_problem(frame->content, call.chat.options))
        return call.refuse(*problem);
    auto key = call.idempotency_key();
    if (key.has_error()) return call.refuse(key.error());
    auto const to = parse_id(frame->to);
    if (!to) return call.refuse(refusal(errc::no_such_user));
    if (user_id(*to) == *from)
        return call.refuse(refusal(errc::bad_field, "The field 'to' must be another user."));

    operations::send_direct(call.chat, call.request.home,
                            {.from = *from,
                             .nickname = std::move(frame->nickname),
                             .to = user_id(*to),
                             .content = std::move(frame->content),
                             .idempotency_key = std::move(*key),
                             .trace = call.trace()},
                            call.completion());
    // Finding the room takes another way than storing the message: without the barrier a later
    // message could overtake this one.
    return broker::app_flow::barrier;
}

}  // namespace chat::app
