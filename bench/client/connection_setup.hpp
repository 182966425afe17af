#pragma once

#include "bench/client/addresses.hpp"
#include "bench/client/connection.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace bench {

struct stomp_client::connection::setup {
    std::string host;
    bool tls = false;
    address_book::entry* where = nullptr;
    std::size_t tried = 0;
    std::size_t trying = 0;  // an index into its addresses
    std::optional<socket_address> source;
    std::string handshake;      // empty for TCP
    std::string connect_frame;  // whole
    bench_clock::time_point deadline;
    std::string error;  // of the last address, or what fail_later says
};

}  // namespace bench
