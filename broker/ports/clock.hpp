#pragma once

#include <chrono>

// Time, given to logic instead of taken by it.

namespace broker {

using steady_time = std::chrono::steady_clock::time_point;
using wall_time = std::chrono::system_clock::time_point;

}  // namespace broker
