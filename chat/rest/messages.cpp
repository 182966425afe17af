#include "chat/idempotency_key.hpp"
#include "chat/json/message_json.hpp"
#include "chat/json/rest_answers.hpp"
#include "chat/json/rest_requests.hpp"
#include "chat/operations/sending.hpp"
#include "chat/rest/cursor.hpp"
#include "chat/rest/handlers.hpp"
#include "chat/services/message_service.hpp"

// Messages: the history by pages, catching up, sending.

namespace chat::rest {
namespace {

// Which page is asked for: without `after` and cursor the newest messages.
struct page_place {
    bool ascending = false;
    std::optional<std::uint64_t> seq;  // the page begins behind it
};

checked<page_place> read_place(rest_call const& call, std::uint64_t room) {
    auto const after = call.number_parameter("after");
    if (after.has_error()) return after.error();
    auto const word = call.request().query_parameter("cursor");
    if (*after && word)
        return refusal(errc::bad_field, "The parameters 'after' and 'cursor' exclude each other.");
    if (*after) return page_place{true, **after};
    if (!word) return page_place{};
    auto const older = read_cursor(*word, cursor_kind::messages_before, room);
    if (older.has_value()) return page_place{false, *older};
    auto const newer = read_cursor(*word, cursor_kind::messages_after, room);
    if (newer.has_value()) return page_place{true, *newer};
    return newer.error();
}

}  // namespace

void list_messages(rest_call call) {
    auto const id = call.path_id(errc::no_such_room);
    if (id.has_error()) return call.refuse(id.error());
    auto const limit = call.limit();
    if (limit.has_error()) return call.refuse(limit.error());
    auto const place = read_place(call, *id);
    if (place.has_error()) return call.refuse(place.error());

    auto& store = call.chat().store;
    auto& home = call.home();
    auto work = [room = room_id(*id), caller = call.caller(), place = *place,
                 limit = *limit](unit_of_work& unit) {
        return place.ascending
                   ? message_service::ascending(unit, room, caller, *place.seq, limit)
                   : message_service::newest_first(unit, room, caller, place.seq, limit);
    };
    auto done = [call = std::move(call),
                 ascending = place->ascending](result<message_service::message_page> page) mutable {
        if (!page) return call.refuse(page.error());
        std::optional<std::string> next;
        if (page->more) {
            auto const kind =
                ascending ? cursor_kind::messages_after : cursor_kind::messages_before;
            next = make_cursor(kind, page->room.id.value, page->messages.back().seq);
        }
        call.answer(200, json::message_page(*page, next));
    };
    in_transaction(store, access::replica_read, home, std::move(work), std::move(done));
}

void send_message(rest_call call) {
    auto const id = call.path_id(errc::no_such_room);
    if (id.has_error()) return call.refuse(id.error());
    auto const body = call.json_body();
    if (body.has_error()) return call.refuse(body.error());
    auto request = json::decode_member(*body);
    if (request.has_error()) return call.refuse(request.error());
    auto const user = acting_user(call.caller(), request->user);
    if (user.has_error()) return call.refuse(user.error());
    if (auto problem = operations::content_problem(request->content, call.chat().options))
        return call.refuse(*problem);
    auto key = check_idempotency_key(call.request().header("Idempotency-Key").value_or(""));
    if (key.has_error()) return call.refuse(key.error());

    new_message message{.room = room_id(*id),
                        .author = *user,
                        .nickname = std::move(request->nickname),
                        .type = message_type::chat,
                        .content = std::move(request->content),
                        .idempotency_key = std::move(*key),
                        .trace = call.trace()};
    auto& chat = call.chat();
    auto& home = call.home();
    auto done = [call = std::move(call)](write_outcome const& outcome) mutable {
        if (!outcome.stored) return call.refuse(outcome.stored.error());
        std::string answer;
        json::append_message(answer, *outcome.stored);
        call.answer(outcome.repeated ? 200 : 201, std::move(answer));
    };
    operations::send(chat, home, std::move(message), std::move(done));
}

}  // namespace chat::rest
