#pragma once

#include "broker/ports/bus.hpp"
#include "broker/ports/executor.hpp"
#include "chat/audit.hpp"
#include "chat/json/notice_json.hpp"
#include "chat/operations/context.hpp"

// Telling users what a back end has to say: whoever is connected hears it, and nothing of it is
// stored.

namespace chat::operations {

// Where it goes on the bus. Any thread.
broker::bus_event notice_event(json::notice const& what, broker::trace_ptr const& trace = {});

// The same after a look at whether there is such a user or room (no_such_user, no_such_room), and
// after the audit log has it: what is told is in the log. Called on a shard, `home`; `done` is
// called there.
void tell(context& chat, broker::executor& home, json::notice what, audit_origin origin,
          broker::unique_function<void(result<void>)> done);

}  // namespace chat::operations
