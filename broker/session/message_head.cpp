#include "broker/session/message_head.hpp"

#include "stomp/frame_writer.hpp"

namespace broker {

std::string make_message_head(stomp::version version, std::optional<std::string_view> subscription,
                              std::optional<std::string_view> ack, bool redelivered) {
    constexpr auto command = stomp::command::message;
    std::string head;
    // In one piece for ordinary ids: "MESSAGE\nsubscription:" and "\nack:", "\nredelivered:true\n".
    head.reserve(48 + subscription.value_or("").size() + ack.value_or("").size());
    stomp::append_command(head, command);
    if (subscription) {
        stomp::append_header(head, version, command, {"subscription", *subscription});
    }
    if (ack) stomp::append_header(head, version, command, {"ack", *ack});
    if (redelivered) stomp::append_header(head, version, command, {"redelivered", "true"});
    return head;
}

}  // namespace broker
