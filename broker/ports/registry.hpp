#pragma once

#include "broker/ports/executor.hpp"
#include "broker/unique_function.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// Which nodes have somebody for a message. A node writes what its own sessions are interested in,
// and asks where else there is somebody.
//
// The registry is a hint that can be rebuilt: what a node has entered is entered again by itself
// when the registry was away or has come back empty, and entries of a node whose lease is gone do
// not count. Any thread, waits for nobody.

namespace broker {

enum class interest_kind : std::uint8_t {
    topic,    // a destination, exact: a generic topic or a room
    pattern,  // a wildcard subscription; every lookup of a topic finds the nodes that have any
    user,     // the principal's name: somebody is connected under it
};

struct interest {
    interest_kind kind = interest_kind::topic;
    std::string name;

    friend auto operator<=>(interest const&, interest const&) = default;
};

// For each thing asked for, in its order: the ids of the other nodes that have it.
using interested_nodes = std::vector<std::vector<std::string>>;

class registry {
public:
    virtual ~registry() = default;

    // Counts: whoever enters n times leaves n times. `done` is called once on `home` when other
    // nodes find this one; at once when they find it already, and also when the registry cannot be
    // asked, since publishers then reach every node.
    virtual void enter(interest what, executor& home, unique_function<void()> done) = 0;
    virtual void leave(interest const& what) = 0;

    // `done` is called once, on a thread of the registry, in the order of the calls, and must not
    // block: with nothing when the registry cannot be asked or does not know of every node yet; the
    // events then go to all nodes.
    virtual void find(std::vector<interest> what,
                      unique_function<void(std::optional<interested_nodes>)> done) = 0;
};

}  // namespace broker
