#pragma once

#include <cstddef>
#include <string_view>

// The parts of fuzz_http: what each checks stands in its file. Each ends the program when a
// property does not hold.

namespace fuzz {

// A connection's bytes, with pipelined requests; `seed` makes the pieces, `tight` the limits.
void check_http_requests(std::string_view stream, std::size_t seed, std::size_t tight);

// What another node answers, up to the end of its connection.
void check_http_answer(std::string_view stream, std::size_t seed, std::size_t tight);

// Trusted networks, then the peer, then the values of X-Forwarded-For: a line each.
void check_client_address(std::string_view lines);

// A header value and a query.
void check_http_values(std::string_view text);

}  // namespace fuzz
