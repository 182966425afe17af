#pragma once

#include <string>

namespace node {

// "0.1.0", as the build says.
std::string version();

}  // namespace node
