#include "chat/json/rest_answers.hpp"
#include "chat/json/rest_requests.hpp"
#include "chat/operations/membership.hpp"
#include "chat/operations/sending.hpp"
#include "chat/rest/cursor.hpp"
#include "chat/rest/handlers.hpp"

// Members: joining, leaving, being added, being listed.

namespace chat::rest {
namespace {

struct own_membership {
    room_id room;
    user_id user;
    std::string nickname;
    std::string content;
};

// What joining and leaving need: the room of the path, and the user that acts.
checked<own_membership> read_own_membership(rest_call const& call) {
    auto const id = call.path_id(errc::no_such_room);
    if (id.has_error()) return id.error();
    auto const body = call.optional_json_body();
    if (body.has_error()) return body.error();
    auto request = json::decode_member(*body);
    if (request.has_error()) return request.error();
    auto const user = acting_user(call.caller(), request->user);
    if (user.has_error()) return user.error();
    auto const problem = operations::content_problem(request->content, call.chat().options);
    if (problem && problem->code != errc::content_empty) return *problem;
    return own_membership{room_id(*id), *user, std::move(request->nickname),
                          std::move(request->content)};
}

}  // namespace

void add_member(rest_call call) {
    auto const body = call.json_body();
    if (body.has_error()) return call.refuse(body.error());
    auto request = json::decode_add_member(*body);
    if (request.has_error()) return call.refuse(request.error());

    auto& chat = call.chat();
    auto& home = call.home();
    auto const caller = call.caller();
    auto origin = call.origin(caller.user);
    auto done = [call = std::move(call)](result<member_service::joined> const& came) mutable {
        if (!came) return call.refuse(came.error());
        std::string answer;
        json::append_member(answer, *came->view.caller);
        call.answer(201, std::move(answer));
    };
    operations::add_member(chat, home,
                           {.room = request->room,
                            .user = request->member,
                            .nickname = std::move(request->nickname),
                            .content = {}},
                           caller, std::move(origin), std::move(done));
}

void join_room(rest_call call) {
    auto joining = read_own_membership(call);
    if (joining.has_error()) return call.refuse(joining.error());
    auto& chat = call.chat();
    auto& home = call.home();
    auto origin = call.origin(joining->user);
    auto done = [call = std::move(call)](result<member_service::joined> const& came) mutable {
        if (!came) return call.refuse(came.error());
        std::string answer;
        json::append_room(answer, came->view);
        call.answer(200, std::move(answer));
    };
    operations::join(chat, home,
                     {.room = joining->room,
                      .user = joining->user,
                      .nickname = std::move(joining->nickname),
                      .content = std::move(joining->content)},
                     std::move(origin), std::move(done));
}

void leave_room(rest_call call) {
    auto leaving = read_own_membership(call);
    if (leaving.has_error()) return call.refuse(leaving.error());
    auto& chat = call.chat();
    auto& home = call.home();
    auto origin = call.origin(leaving->user);
    auto done = [call = std::move(call)](result<stored_message> const& left) mutable {
        if (!left) return call.refuse(left.error());
        call.answer(204, {});
    };
    operations::leave(chat, home, leaving->room, leaving->user, std::move(leaving->content),
                      std::move(origin), std::move(done));
}

void list_members(rest_call call) {
    auto const id = call.path_id(errc::no_such_room);
    if (id.has_error()) return call.refuse(id.error());
    auto const limit = call.limit();
    if (limit.has_error()) return call.refuse(limit.error());
    auto const cursor = call.cursor(cursor_kind::members, *id);
    if (cursor.has_error()) return call.refuse(cursor.error());
    user_id const after(cursor->value_or(0));
    auto& store = call.chat().store;
    auto& home = call.home();
    auto work = [room = room_id(*id), caller = call.caller(), after,
                 limit = *limit](unit_of_work& unit) {
        return member_service::list(unit, room, caller, after, limit + 1);
    };
    auto done = [call = std::move(call), room = *id,
                 limit = *limit](result<std::vector<member>> found) mutable {
        if (!found) return call.refuse(found.error());
        std::optional<std::string> next;
        if (found->size() > limit) {
            found->resize(limit);
            next = make_cursor(cursor_kind::members, room, found->back().user.value);
        }
        call.answer(200, json::member_page(*found, next));
    };
    in_transaction(store, access::replica_read, home, std::move(work), std::move(done));
}

void join_study(rest_call call) {
    // For back ends; where nobody is verified (open mode) there is nobody to tell them by.
    if (!call.caller().service && !call.caller().believed)
        return call.refuse(refusal(errc::forbidden));
    auto const body = call.json_body();
    if (body.has_error()) return call.refuse(body.error());
    auto request = json::decode_join_study(*body);
    if (request.has_error()) return call.refuse(request.error());

    auto& chat = call.chat();
    auto& home = call.home();
    auto origin = call.origin(call.caller().user);
    auto done = [call = std::move(call)](result<operations::study_join> const& made) mutable {
        if (!made) return call.refuse(made.error());
        std::string answer;
        json::append_room(answer, made->joined.view);
        call.answer(made->room_created ? 201 : 200, std::move(answer));
    };
    operations::join_study(chat, home, std::move(request->room),
                           {.room = {},
                            .user = request->member,
                            .nickname = std::move(request->nickname),
                            .content = {}},
                           std::move(origin), std::move(done));
}

}  // namespace chat::rest
