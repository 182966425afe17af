#pragma once

#include "broker/ports/executor.hpp"

#include <utility>

namespace broker::redis {

// Tells `done` the answer on the asker's own thread.
template <typename Done, typename Answer>
void post_answer(executor& home, Done done, Answer answer) {
    home.post([done = std::move(done), answer = std::move(answer)]() mutable {
        done(std::move(answer));
    });
}

}  // namespace broker::redis
