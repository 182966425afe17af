#pragma once

#include "broker/ports/clock.hpp"

#include <chrono>

// When the tests of limits begin.
constexpr broker::steady_time start{std::chrono::hours(1)};
