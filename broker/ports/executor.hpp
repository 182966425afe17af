#pragma once

#include "broker/unique_function.hpp"

// Where work runs. A shard is one: what is posted runs on its thread, in the order of posting for
// any one poster. Safe to call from every thread; never runs the work inside post().

namespace broker {

class executor {
public:
    virtual ~executor() = default;
    virtual void post(unique_function<void()> work) = 0;
};

}  // namespace broker
