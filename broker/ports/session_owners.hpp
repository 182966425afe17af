#pragma once

#include "broker/ports/executor.hpp"
#include "broker/unique_function.hpp"

#include <optional>
#include <string>

// Which node a SockJS session lives on, so that its requests find it behind a balancer without
// stickiness. Sessions of a node whose lease is gone have no owner. Any thread, waits for nobody.

namespace broker {

struct session_owner {
    bool here = false;             // this node
    std::string node;              // its id
    std::string internal_address;  // "10.0.0.7:9080": where it takes forwarded requests
};

class session_owners {
public:
    virtual ~session_owners() = default;

    // This node takes the session unless another one has it already; answers whose it is. `done` is
    // called once on `home`; with nothing when nobody can be asked: then it is ours, too.
    virtual void claim(std::string session, executor& home,
                       unique_function<void(std::optional<session_owner>)> done) = 0;

    // Whose it is; with nothing when it has no owner or nobody can be asked.
    virtual void find(std::string session, executor& home,
                      unique_function<void(std::optional<session_owner>)> done) = 0;

    // The session is gone. Only what this node has claimed.
    virtual void release(std::string session) = 0;
};

}  // namespace broker
