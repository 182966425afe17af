#pragma once

#include "broker/inspection.hpp"
#include "broker/transport/http.hpp"
#include "chat/refusal.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// What the query parameters of the console's requests ask for. Pure. All answer errc::bad_field,
// with the parameter's name, for one that is not what it must be; unknown ones are ignored.

namespace node::console {

using broker::transport::http_request;

// UTF-8 without NUL, as the database can hold it.
bool is_text(std::string_view text);

inline constexpr std::size_t most_sessions = 1'000;
inline constexpr std::size_t most_rooms = 1'000;
inline constexpr std::chrono::seconds longest_trace{300};

// Of one of the two, which is not empty.
struct trace_question {
    std::string user;
    std::string destination;
    std::chrono::seconds time;
};

// What an action is about: the parameter of its address at `at` or, where the address has none, the
// query parameter `name`, which must not be empty then. A browser takes "." and ".." out of an
// address, also when they are percent-encoded.
chat::checked<std::string> read_named(http_request const& request,
                                      std::vector<std::string> const& of_address, std::size_t at,
                                      std::string_view name);

// user, session, destination, slow (true or false), limit (1 to most_sessions).
chat::checked<broker::session_question> read_session_question(http_request const& request);

// limit (1 to most_rooms).
chat::checked<std::size_t> read_room_limit(http_request const& request);

// user or destination, seconds (1 to longest_trace).
chat::checked<trace_question> read_trace_question(http_request const& request);

}  // namespace node::console
