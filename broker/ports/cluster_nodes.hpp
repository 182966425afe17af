#pragma once

#include "broker/ports/executor.hpp"
#include "broker/unique_function.hpp"

#include <string>
#include <vector>

// Which nodes there are, for operators. Any thread, waits for nobody.

namespace broker {

struct cluster_node {
    std::string id;
    std::string internal_address;  // "10.0.0.7:9080": where it takes forwarded requests
};

class cluster_nodes {
public:
    virtual ~cluster_nodes() = default;

    // Calls `done` once on `home` with the other nodes at work, as they were seen last.
    virtual void other_nodes(executor& home,
                             unique_function<void(std::vector<cluster_node>)> done) = 0;
};

}  // namespace broker
