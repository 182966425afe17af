#pragma once

#include <chrono>
#include <cstddef>
#include <string>

// How requests travel from the node where they came in to the node that they are for.

namespace broker::transport {

struct forward_options {
    // What nodes know each other by, the same on all. It never travels: a forwarded request carries
    // a proof made with it. Empty: nothing is forwarded, and nobody's forwarded requests are taken.
    std::string secret;

    std::chrono::milliseconds connect_timeout{1'000};  // finding the address included

    std::size_t queued_bytes = 256 * 1024;        // for a client that reads slowly; then the other
                                                  // node is not read until all of it is sent
    std::size_t answer_bytes = 16 * 1024 * 1024;  // one answer whose length is known beforehand
    std::size_t under_way = 20'000;               // forwarded requests of this node, then 503; two
                                                  // descriptors each
    std::size_t idle_connections = 32;  // kept for the next request; for each node and shard
    // Before the other node, which has its own idle time-out, would close one.
    std::chrono::milliseconds idle_timeout{10'000};
    std::chrono::milliseconds vanish_timeout{10'000};  // a silent network: the other node is gone
};

}  // namespace broker::transport
