#pragma once

#include "tests/fuzz/choices.hpp"

#include <deque>
#include <string>
#include <string_view>
#include <vector>

// The other end of a connection to Redis: takes the commands that come and answers them as the
// input chooses, rightly or not.

namespace fuzz {

class redis_server {
public:
    redis_server();
    ~redis_server();
    redis_server(redis_server const&) = delete;
    redis_server& operator=(redis_server const&) = delete;

    // The client's end of the connection, for once.
    int client() const noexcept { return client_; }

    // Takes what has been written; to be called often, so that there is room to write.
    void take_commands();

    // An answer of the form that the oldest command calls for.
    void answer_well(choices& choose);
    // Some answer to it.
    void answer_somehow(choices& choose);
    // What is no answer, mostly.
    void send(std::string_view bytes);

private:
    using command = std::vector<std::string>;

    int client_ = -1;
    int ours_ = -1;
    void* reader_;  // hiredis' redisReader
    std::deque<command> commands_;
};

}  // namespace fuzz
