#include "chat/json/rest_answers.hpp"
#include "chat/json/rest_requests.hpp"
#include "chat/rest/cursor.hpp"
#include "chat/rest/handlers.hpp"
#include "chat/services/room_service.hpp"

// Rooms: making, listing, looking one up.

namespace chat::rest {
namespace {

using append_view = void (*)(std::string&, room_view const&);

std::string written(room_view const& view, append_view append) {
    std::string body;
    append(body, view);
    return body;
}

void answer_view(rest_call& call, result<room_view> const& view) {
    if (!view) return call.refuse(view.error());
    call.answer(200, written(*view, json::append_room));
}

// The user that makes the room, or nobody when a back end makes it for others.
checked<std::optional<room_service::creator>> creator_of(identity const& caller,
                                                         json::create_room_request& request) {
    using creator = std::optional<room_service::creator>;
    auto const acting = acting_as(caller, request.creator);
    if (acting.has_error()) return acting.error();
    if (acting->user)
        return creator(room_service::creator{*acting->user, std::move(request.nickname)});
    if (!acting->service && !acting->believed) return refusal(errc::caller_unknown);
    return creator();
}

void create(rest_call call, append_view append) {
    auto const body = call.json_body();
    if (body.has_error()) return call.refuse(body.error());
    auto request = json::decode_create_room(*body);
    if (request.has_error()) return call.refuse(request.error());
    auto owner = creator_of(call.caller(), *request);
    if (owner.has_error()) return call.refuse(owner.error());

    auto origin = call.origin(*owner ? std::optional((*owner)->user) : std::nullopt);
    auto work = [fields = std::move(request->room), owner = std::move(*owner),
                 origin = std::move(origin)](unit_of_work& unit) {
        return room_service::create(unit, fields, owner, origin);
    };
    auto& store = call.chat().store;
    auto& home = call.home();
    auto done = [call = std::move(call), append](result<room_view> const& made) mutable {
        if (!made) return call.refuse(made.error());
        auto location = "/api/chat/rooms/" + std::to_string(made->room.id.value);
        call.answer(201, written(*made, append), {{"Location", std::move(location)}});
    };
    in_transaction(store, access::read_write, home, std::move(work), std::move(done));
}

}  // namespace

void create_room(rest_call call) {
    create(std::move(call), json::append_room);
}

void create_channel(rest_call call) {
    create(std::move(call), json::append_channel);
}

void list_rooms(rest_call call) {
    auto const limit = call.limit();
    if (limit.has_error()) return call.refuse(limit.error());
    auto const cursor = call.cursor(cursor_kind::rooms, 0);
    if (cursor.has_error()) return call.refuse(cursor.error());
    room_id const after(cursor->value_or(0));
    auto& store = call.chat().store;
    auto& home = call.home();
    auto work = [caller = call.caller(), after, limit = *limit](unit_of_work& unit) {
        return room_service::list(unit, caller, after, limit);
    };
    auto done = [call = std::move(call)](result<room_service::room_page> const& page) mutable {
        if (!page) return call.refuse(page.error());
        std::optional<std::string> next;
        if (page->more) next = make_cursor(cursor_kind::rooms, 0, page->rooms.back().room.id.value);
        call.answer(200, json::room_page(page->rooms, next));
    };
    in_transaction(store, access::replica_read, home, std::move(work), std::move(done));
}

void get_room(rest_call call) {
    auto const id = call.path_id(errc::no_such_room);
    if (id.has_error()) return call.refuse(id.error());
    auto& store = call.chat().store;
    auto& home = call.home();
    auto work = [room = room_id(*id), caller = call.caller()](unit_of_work& unit) {
        return room_service::find(unit, room, caller);
    };
    auto done = [call = std::move(call)](result<room_view> const& view) mutable {
        answer_view(call, view);
    };
    in_transaction(store, access::replica_read, home, std::move(work), std::move(done));
}

void get_study_room(rest_call call) {
    auto const id = call.path_id(errc::no_such_room);
    if (id.has_error()) return call.refuse(id.error());
    auto& store = call.chat().store;
    auto& home = call.home();
    auto work = [study = study_id(*id), caller = call.caller()](unit_of_work& unit) {
        return room_service::find_of_study(unit, study, caller);
    };
    auto done = [call = std::move(call)](result<room_view> const& view) mutable {
        answer_view(call, view);
    };
    in_transaction(store, access::replica_read, home, std::move(work), std::move(done));
}

}  // namespace chat::rest
