#include "chat/json/rest_answers.hpp"
#include "chat/json/rest_requests.hpp"
#include "chat/operations/events.hpp"
#include "chat/rest/handlers.hpp"

// How far the caller has read a room.

namespace chat::rest {
namespace {

void answer_state(rest_call& call, read_state const& state) {
    std::string answer;
    json::append_read_state(answer, state);
    call.answer(200, std::move(answer));
}

}  // namespace

void mark_read(rest_call call) {
    auto const id = call.path_id(errc::no_such_room);
    if (id.has_error()) return call.refuse(id.error());
    auto const body = call.optional_json_body();
    if (body.has_error()) return call.refuse(body.error());
    auto const request = json::decode_read(*body);
    if (request.has_error()) return call.refuse(request.error());
    auto const user = acting_user(call.caller(), request->user);
    if (user.has_error()) return call.refuse(user.error());

    auto& chat = call.chat();
    auto& home = call.home();
    auto trace = call.trace();
    auto done = [call = std::move(call)](result<read_service::marked> const& marked) mutable {
        if (!marked) return call.refuse(marked.error());
        answer_state(call, marked->state);
    };
    operations::mark_read(chat, home, room_id(*id), *user, {}, request->last_read_seq,
                          std::move(trace), std::move(done));
}

void get_unread(rest_call call) {
    auto const id = call.path_id(errc::no_such_room);
    if (id.has_error()) return call.refuse(id.error());
    auto const user = acting_user(call.caller());
    if (user.has_error()) return call.refuse(user.error());

    auto& store = call.chat().store;
    auto& home = call.home();
    auto work = [room = room_id(*id), user = *user](unit_of_work& unit) {
        return read_service::unread(unit, room, user);
    };
    auto done = [call = std::move(call)](result<read_state> const& state) mutable {
        if (!state) return call.refuse(state.error());
        answer_state(call, *state);
    };
    in_transaction(store, access::replica_read, home, std::move(work), std::move(done));
}

}  // namespace chat::rest
