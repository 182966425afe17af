#pragma once

#include "broker/message.hpp"

#include <memory>
#include <string>
#include <variant>
#include <vector>

// What carries events to every node, this one included.

namespace broker {

// For whoever is subscribed to the message's destination. Messages with a seq are delivered in the
// order of their seq, each once; gaps are filled from the store.
struct topic_event {
    message_ptr message;
};

// For the sessions of one user that subscribed to this queue under /user.
struct user_event {
    std::string user;   // the principal's name
    std::string queue;  // "/queue/messages"
    message_ptr message;
};

// For every session that subscribed to this queue under /user, anonymous ones too.
struct everybody_event {
    std::string queue;  // "/queue/notifications"
    message_ptr message;
};

// `user` may no longer read `destination`. Nodes act on the stored message that says so and that
// they cannot miss (sequenced_topics::access_ended_by); this is for nodes of earlier versions,
// which end the subscriptions when it comes.
struct access_ended_event {
    std::string destination;
    std::string user;  // user_key() of the principal
};

using bus_event = std::variant<topic_event, user_event, access_ended_event, everybody_event>;

// Takes what a bus brings. Called from the bus' thread or a shard; must not block.
class event_sink {
public:
    virtual ~event_sink() = default;
    virtual void on_events(std::vector<bus_event> events) = 0;
};

class bus {
public:
    virtual ~bus() = default;

    // From any thread. The events of one publishing thread arrive in order, at every node that has
    // a subscriber for them; at most once: what is stored is repaired from the store.
    virtual void publish(std::vector<bus_event> events) = 0;
};

}  // namespace broker
