#include "chat/operations/sending.hpp"

#include "chat/blank.hpp"
#include "chat/json/object_reader.hpp"
#include "chat/services/direct_service.hpp"

namespace chat::operations {
namespace {

write_outcome failed_with(boost::system::error_code why) {
    return {.stored = why};
}

void send_into(context& chat, broker::executor& home, room_id room, direct_send message,
               send_done done) {
    chat.writer->append({.message = {.room = room,
                                     .author = message.from,
                                     .nickname = std::move(message.nickname),
                                     .type = message_type::chat,
                                     .content = std::move(message.content),
                                     .idempotency_key = std::move(message.idempotency_key),
                                     .trace = std::move(message.trace)},
                         .waiter = {std::move(done), &home},
                         .given = message.given});
}

void open_room_and_send(context& chat, broker::executor& home, direct_send message,
                        send_done done) {
    auto work = [from = message.from, nickname = message.nickname,
                 to = message.to](unit_of_work& unit) {
        return direct_service::open_room(unit, from, nickname, to);
    };
    auto opened = [&chat, &home, message = std::move(message),
                   done = std::move(done)](result<room_id> room) mutable {
        // The room may be there now; the message certainly is not.
        if (room.has_error() && room.error() == errc::store_in_doubt)
            return done(failed_with(errc::store_unavailable));
        if (!room) return done(failed_with(room.error()));
        send_into(chat, home, *room, std::move(message), std::move(done));
    };
    in_transaction(chat.store, access::read_write, home, std::move(work), std::move(opened));
}

}  // namespace

std::optional<refusal> content_problem(std::string_view content, chat_options const& options) {
    if (is_blank(content)) return refusal(errc::content_empty);
    auto const limit = options.max_content_length;
    if (content.size() <= limit) return std::nullopt;  // as many bytes are never more characters
    auto const length = json::code_points(content);
    if (length <= limit) return std::nullopt;
    return refusal(errc::content_too_long, "The content has " + std::to_string(length) +
                                               " characters; at most " + std::to_string(limit) +
                                               " are allowed.");
}

void send(context& chat, broker::executor& home, new_message message, send_done done) {
    chat.writer->append({.message = std::move(message), .waiter = {std::move(done), &home}});
}

void send_direct(context& chat, broker::executor& home, direct_send message, send_done done) {
    auto work = [from = message.from, to = message.to](unit_of_work& unit) {
        return direct_service::find_room(unit, from, to);
    };
    auto found = [&chat, &home, message = std::move(message),
                  done = std::move(done)](result<room_id> room) mutable {
        if (room) return send_into(chat, home, *room, std::move(message), std::move(done));
        if (room.error() != errc::no_such_room) return done(failed_with(room.error()));
        open_room_and_send(chat, home, std::move(message), std::move(done));
    };
    in_transaction(chat.store, access::read_only, home, std::move(work), std::move(found));
}

}  // namespace chat::operations
