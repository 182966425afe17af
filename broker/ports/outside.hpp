#pragma once

#include "broker/unique_function.hpp"

#include <string>
#include <vector>

// The way out of the cluster: persistent events for programs that somebody else wrote.

namespace broker {

struct outside_event {
    std::string routing_key;  // "chat.channel.17.message"
    std::string id;           // the same each time it is published, for dropping doubles
    std::string type;         // "MESSAGE_CREATED"
    std::string body;         // JSON
};

class outside {
public:
    virtual ~outside() = default;

    // Publishes all of them, persistent. `done(true)` once when the broker has confirmed every one,
    // `done(false)` when one was refused or the link was lost: any of them may or may not have
    // arrived then. Any thread; waits for nobody; `done` comes on the link's thread.
    virtual void publish(std::vector<outside_event> events, unique_function<void(bool)> done) = 0;
};

}  // namespace broker
