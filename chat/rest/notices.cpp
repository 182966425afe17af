#include "chat/operations/notices.hpp"
#include "chat/json/notice_json.hpp"
#include "chat/rest/handlers.hpp"

// What back ends tell the users: all of them, one, or those of a room.

namespace chat::rest {
namespace {

void tell(rest_call call, json::audience to, errc otherwise) {
    if (!may_tell(call.caller())) return call.refuse(refusal(errc::forbidden));
    std::uint64_t target = 0;
    if (to != json::audience::all) {
        auto const id = call.path_id(otherwise);
        if (id.has_error()) return call.refuse(id.error());
        target = *id;
    }
    auto const body = call.json_body();
    if (body.has_error()) return call.refuse(body.error());
    auto what = json::decode_notice_message(*body, to, target);
    if (what.has_error()) return call.refuse(what.error());

    auto& chat = call.chat();
    auto& home = call.home();
    auto origin = call.origin(call.caller().user);
    auto done = [call = std::move(call)](result<void> told) mutable {
        if (!told) return call.refuse(told.error());
        call.answer(202, {});
    };
    operations::tell(chat, home, std::move(*what), std::move(origin), std::move(done));
}

}  // namespace

void tell_all(rest_call call) {
    tell(std::move(call), json::audience::all, errc::no_such_destination);
}

void tell_user(rest_call call) {
    tell(std::move(call), json::audience::user, errc::no_such_user);
}

void tell_room(rest_call call) {
    tell(std::move(call), json::audience::channel, errc::no_such_room);
}

}  // namespace chat::rest
