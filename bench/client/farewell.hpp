#pragma once

#include "bench/client/loop_state.hpp"
#include "bench/client/stream.hpp"

#include <cstddef>
#include <string>

// The end of a connection that its client has left: sends what is still to be sent, then waits
// until the server ends its side, for two seconds at the longest. Closing at once while bytes are
// unread would reset the connection and take the last words with it. It belongs to its loop.

namespace bench {

class farewell final : public pollable, public timer {
public:
    // `end_sending`: the server learns by that, not from `rest`, that it is over.
    static void begin(client_loop::state& loop, stream socket, std::string rest, bool end_sending);

    farewell(client_loop::state& loop, stream socket, std::string rest, bool end_sending);
    ~farewell();
    farewell(farewell const&) = delete;
    farewell& operator=(farewell const&) = delete;

    void on_ready(std::uint32_t events) override;
    void flush() override {}
    void on_time(bench_clock::time_point now) override;

private:
    bool send_rest();  // false when it is of no use any more

    client_loop::state& loop_;
    stream stream_;
    std::string rest_;
    std::size_t sent_ = 0;
    bool end_sending_;
};

}  // namespace bench
