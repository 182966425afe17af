#pragma once

#include "bench/mock/mock_server.hpp"
#include "bench/plan/values.hpp"
#include "bench/scenario/scenario.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

// What a part of a scenario works with, as the run's only thread has it, and a mock server in the
// same loop.

namespace bench::test {

struct one_thread {
    explicit one_thread(plan doing, faults const& wrong = {})
        : mock(loop, 0, wrong), what(std::move(doing)) {
        complete(server, "stampede");
        server.urls = {parse_url("ws://127.0.0.1:" + std::to_string(mock.port()) + "/ws")};
    }

    client_loop loop;
    mock_server mock;
    plan what;
    bench::recorder record;  // not the one of client_support.hpp
    target server;
    identities who{server};
    std::vector<std::uint64_t> no_rooms;
    worker_context context{.loop = loop,
                           .record = record,
                           .server = server,
                           .what = what,
                           .who = who,
                           .run = 9,
                           .rooms = no_rooms};
};

}  // namespace bench::test
