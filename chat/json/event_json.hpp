#pragma once

#include "broker/ports/outside.hpp"
#include "chat/ports/outbox.hpp"

// What is published for programs outside. One JSON object holds both forms that readers know:
// version, eventType and data; and the pair of routing and message. The schemas are in docs/events.

namespace chat::json {

// To chat.channel.{id}.message; direct messages and invitations to chat.user.{id}.notification.
broker::outside_event outside_event(outbox_entry const& entry);

}  // namespace chat::json
