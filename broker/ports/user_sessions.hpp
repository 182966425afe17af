#pragma once

#include "broker/ports/executor.hpp"
#include "broker/unique_function.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Which STOMP sessions each user has, over all nodes, and where. For people and back ends who want
// to know; no delivery depends on it. Sessions of a node whose lease is gone do not count. Any
// thread, waits for nobody.
//
// A user is a user_key(), and may be anything; ids of sessions and names of transports hold no
// blank. Sessions without a user are nobody's and are not entered.

namespace broker {

struct user_session {
    std::string user;
    std::string id;         // unique in the cluster
    std::string transport;  // "websocket", "tcp", …: transport::link::transport_name()
    std::chrono::sys_seconds since;
};

struct placed_session {
    std::string id;
    std::string transport;
    std::chrono::sys_seconds since;
    std::string node;  // its id

    friend bool operator==(placed_session const&, placed_session const&) = default;
};

struct found_sessions {
    std::uint64_t count = 0;
    std::vector<placed_session> sessions;  // oldest first; no more than were asked for
    // False: nodes other than this one may have sessions that are not counted, because the registry
    // cannot be asked or does not know of every node yet.
    bool whole = false;
};

struct session_counts {
    std::vector<std::uint64_t> counts;  // for each user asked for, in their order
    bool whole = false;
};

class user_sessions {
public:
    virtual ~user_sessions() = default;

    // `done` is called once on `home` when every node that answers with `whole` finds the session;
    // at once when the registry cannot be asked, or this node is not found through it anyway.
    virtual void enter_session(user_session what, executor& home, unique_function<void()> done) = 0;
    virtual void leave_session(std::string_view user, std::string_view id) = 0;

    // `done` is called once on `home`. The sessions of this node are always among the answer.
    virtual void find_sessions(std::string user, std::size_t most, executor& home,
                               unique_function<void(found_sessions)> done) = 0;
    virtual void count_sessions(std::vector<std::string> users, executor& home,
                                unique_function<void(session_counts)> done) = 0;
};

}  // namespace broker
