#pragma once

#include "broker/close_reason.hpp"
#include "broker/trace_context.hpp"

#include <string_view>

// What an operator may want to read of the sessions of a node, one by one; for the log. Called on
// shards, often: who writes nothing says so, and nothing is put together for it.

namespace broker {

struct session_facts {
    std::string_view session;
    std::string_view user;       // empty: anonymous
    std::string_view transport;  // "websocket", "tcp", "sockjs-xhr-streaming", …
};

struct app_facts {
    std::string_view session;
    std::string_view user;
    std::string_view destination;
    std::string_view outcome;  // "ok", or the error's code
    trace_context const* trace = nullptr;
};

class journal {
public:
    virtual ~journal() = default;

    virtual bool wanted() const noexcept = 0;

    virtual void connected(session_facts const& who) = 0;
    // The node ends it.
    virtual void closing(session_facts const& who, close_reason why) = 0;
    // The connection is gone.
    virtual void closed(session_facts const& who) = 0;
    // A SEND to /app was carried out, or refused.
    virtual void app_request(app_facts const& what) = 0;
};

}  // namespace broker
