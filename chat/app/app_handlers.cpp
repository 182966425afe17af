#include "chat/app/app_handlers.hpp"

#include "chat/app/direct_frames.hpp"
#include "chat/app/room_frames.hpp"
#include "chat/idempotency_key.hpp"
#include "chat/room_topic.hpp"

#include <array>
#include <string_view>

namespace chat::app {
namespace {

struct destination_row {
    std::string_view destination;
    broker::app_flow (*handle)(app_call&);
};

constexpr std::array rows{
    destination_row{"/app/chat.sendMessage", on_send_message},
    destination_row{"/app/chat.join", on_join},
    destination_row{"/app/chat.leave", on_leave},
    destination_row{"/app/chat.send", on_send_direct},
    destination_row{"/app/chat.typing", on_typing},
    destination_row{"/app/chat.read", on_read},
};

// "/app/room/{id}/send"
std::optional<room_id> room_send(std::string_view destination) {
    constexpr std::string_view front = "/app/room/";
    constexpr std::string_view back = "/send";
    if (!destination.starts_with(front) || !destination.ends_with(back)) return std::nullopt;
    if (destination.size() <= front.size() + back.size()) return std::nullopt;
    destination.remove_prefix(front.size());
    destination.remove_suffix(back.size());
    auto const id = parse_id(destination);
    return id ? std::optional(room_id(*id)) : std::nullopt;
}

}  // namespace

checked<std::string> app_call::idempotency_key() const {
    auto const key = request.frame.get("idempotency-key");
    return check_idempotency_key(key);
}

broker::app_flow app_handlers::on_app_send(
    broker::app_request const& request, broker::unique_function<void(broker::app_outcome)> done) {
    app_call call{chat_, request, std::nullopt, std::move(done)};
    for (auto const& row : rows) {
        if (row.destination == request.destination) return row.handle(call);
    }
    if ((call.room = room_send(request.destination))) return on_send_message(call);
    return call.refuse(refusal(errc::no_such_destination,
                               "Nothing is behind " + std::string(request.destination) + "."));
}

}  // namespace chat::app
