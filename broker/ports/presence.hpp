#pragma once

#include "broker/ports/executor.hpp"
#include "broker/unique_function.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// Which users are in which room, over all nodes. A user with several sessions, on one node or on
// several, is in a room once: from the first that enters to the last that leaves or whose node is
// gone. Any thread, waits for nobody.
//
// A room's name holds no blank; a user's may be anything.

namespace broker {

// A user has come into a room or has left it. Each change is told by one node of the cluster.
struct presence_change {
    std::string room;
    std::string user;
    bool present = false;
};

struct room_presence {
    std::uint64_t count = 0;         // users in the room
    std::vector<std::string> users;  // no more than were asked for, in no order
};

class presence {
public:
    virtual ~presence() = default;

    // Counts: whoever enters n times leaves n times.
    virtual void enter_room_user(std::string room, std::string user) = 0;
    virtual void leave_room_user(std::string room, std::string user) = 0;

    // `done` is called once on `home`; with nothing when nobody can be asked.
    virtual void find_room_users(std::string room, std::size_t most, executor& home,
                                 unique_function<void(std::optional<room_presence>)> done) = 0;
};

}  // namespace broker
