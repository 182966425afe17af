#pragma once

#include <chrono>

namespace broker {

// How often it is looked in the store for what the bus did not bring: the rooms in each round,
// zero: never; the users' inboxes, whose question costs the store more, in one of so many rounds.
struct sweep_pace {
    std::chrono::milliseconds every{0};
    unsigned rounds_to_inboxes = 1;
};

}  // namespace broker
