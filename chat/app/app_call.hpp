#pragma once

#include "broker/ports/app_handler.hpp"
#include "broker/trace_context.hpp"
#include "chat/audit.hpp"
#include "chat/operations/context.hpp"
#include "chat/refusal.hpp"

#include <optional>
#include <string>
#include <utility>

// One SEND to /app on its way through a handler. On the session's shard.

namespace chat::app {

inline boost::system::error_code failure_of(write_outcome const& outcome) {
    return outcome.stored ? boost::system::error_code{} : outcome.stored.error();
}
template <typename T>
boost::system::error_code failure_of(result<T> const& outcome) {
    return outcome ? boost::system::error_code{} : outcome.error();
}

struct app_call {
    context& chat;
    broker::app_request const& request;  // valid while the handler runs
    std::optional<room_id> room;         // that the destination names
    broker::unique_function<void(broker::app_outcome)> done;

    // Answers at once. The handler returns what this returns: nothing is under way, so whatever
    // comes behind need not wait.
    broker::app_flow refuse(refusal const& why) {
        done(to_app_error(why));
        return broker::app_flow::pipelined;
    }

    // For the completion of an operation, whose value the client does not get to see here.
    auto completion() {
        return [answer = std::move(done)](auto const& outcome) mutable {
            auto const failed = failure_of(outcome);
            answer(failed ? broker::app_outcome{to_app_error(to_refusal(failed))}
                          : broker::app_outcome{});
        };
    }

    broker::trace_ptr trace() const { return broker::trace_of(request.frame); }
    audit_origin origin(user_id acting) const {
        return origin_of(*request.caller, acting, {}, trace());
    }

    // The `idempotency-key` header, or a refusal when it is too long.
    checked<std::string> idempotency_key() const;
};

}  // namespace chat::app
