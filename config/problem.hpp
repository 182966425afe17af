#pragma once

#include <string>
#include <vector>

// What is wrong with a configuration. All of it is collected before anything is said.

namespace config {

struct problem {
    // "/etc/stampede.toml:12:5", "environment variable STAMPEDE_NODE__SHARDS", "flag --shards", or
    // empty where nothing was written at all.
    std::string where;
    std::string key;   // "limits.frame.max_body"; empty where no key is meant
    std::string what;  // one sentence: what is wrong and what was expected
};

using problems = std::vector<problem>;

// One line: "stampede.toml:12:5: limits.frame.max_body: expected …".
std::string to_string(problem const& one);

}  // namespace config
