#pragma once

#include "broker/ports/executor.hpp"
#include "broker/principal.hpp"
#include "broker/unique_function.hpp"
#include "stomp/frame.hpp"

#include <string>
#include <string_view>
#include <variant>

// What stands behind /app/...: the application that a client's SEND speaks to.

namespace broker {

// A SEND that was not carried out. Told to the client on /user/queue/errors, or as an ERROR.
struct app_error {
    std::string code;    // stable, for programs: "not_a_member"
    std::string reason;  // one sentence for people
};

struct app_request {
    stomp::frame const& frame;  // valid during the call only
    std::string_view destination;
    principal_ptr caller;
    std::string_view session_id;
    executor& home;  // the session's shard
    // Earlier sends of the session are under way yet.
    bool behind_others = false;
};

// How the frames behind this one may go on before it is done.
enum class app_flow {
    pipelined,  // at once: the handler keeps the order of what it was given
    barrier,    // the session takes no further frame until this one is done
    // Nothing was begun, and `done` is dropped: the session takes no further frame, and gives this
    // one again when those before it are done. Only for who is behind_others.
    after_others,
};

using app_outcome = std::variant<std::monostate, app_error>;

class app_handler {
public:
    virtual ~app_handler() = default;

    // Called on the session's shard. Calls `done` exactly once, on the same shard, perhaps before
    // it returns; never if it answers after_others. After success what the SEND asked for is
    // durable: a RECEIPT may be sent.
    virtual app_flow on_app_send(app_request const& request,
                                 unique_function<void(app_outcome)> done) = 0;
};

}  // namespace broker
