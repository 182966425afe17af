#pragma once

#include "broker/transport/byte_stream.hpp"
#include "broker/transport/forwarding/forward_options.hpp"
#include "broker/transport/loop.hpp"
#include "broker/transport/timer_wheel.hpp"

#include <string>
#include <unordered_map>
#include <vector>

// Connections to other nodes on which nothing is under way, for the next request that is forwarded
// there. Of one loop, on its thread only.

namespace broker::transport {

class idle_connections final : private timed {
public:
    // Both outlive us.
    idle_connections(loop& home, forward_options const& options);
    ~idle_connections() override;

    // The one that was used last, if the other node has not closed it; else one that is not open.
    byte_stream take(std::string const& address);

    // Closes it when there are enough.
    void keep(std::string const& address, byte_stream stream);

private:
    struct entry {
        byte_stream stream;
        steady_time since;
    };

    void on_deadline(steady_time now) override;

    loop& home_;
    forward_options const& options_;
    std::unordered_map<std::string, std::vector<entry>> by_address_;  // each oldest first
    bool waiting_ = false;                                            // for the deadline
};

}  // namespace broker::transport
