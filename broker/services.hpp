#pragma once

#include "broker/ports/app_handler.hpp"
#include "broker/ports/authenticator.hpp"
#include "broker/ports/authorizer.hpp"
#include "broker/ports/bus.hpp"
#include "broker/ports/presence.hpp"
#include "broker/ports/registry.hpp"
#include "broker/ports/sequenced_topics.hpp"
#include "broker/ports/user_inbox.hpp"
#include "broker/ports/user_sessions.hpp"
#include "broker/session/session_limits.hpp"

// What the sessions of a node work with. Chosen by node/; everything outlives the shards.

namespace broker {

class ban_list;
class journal;
class send_brake;

namespace limiting {
class limiter;
}

struct services {
    authenticator& credentials;
    authorizer const& access;
    app_handler& app;
    sequenced_topics& rooms;
    user_inbox& inbox;
    bus& events;
    registry& interests;
    user_sessions& directory;
    presence* present;  // null: nobody wants to know who is in which room
    session_limits const& limits;
    send_brake* brake = nullptr;           // null: nothing slows the senders
    limiting::limiter* limiter = nullptr;  // null: nobody has limits
    journal* log = nullptr;                // null: nobody reads of sessions
    ban_list const* bans = nullptr;        // null: nobody is banned
};

}  // namespace broker
