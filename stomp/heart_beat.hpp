#pragma once

#include <boost/system/result.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

// The heart-beat header and its negotiation (STOMP 1.2, "Heart-beating"). 1.0 has none.

namespace stomp {

// What one side says of itself; zero means "cannot" or "does not want".
struct heart_beat_pair {
    std::chrono::milliseconds can_send_every{0};
    std::chrono::milliseconds wants_every{0};

    friend bool operator==(heart_beat_pair const&, heart_beat_pair const&) = default;
};

// What the two sides agree on, as the server sees it; zero means no beats in that direction.
struct heart_beat_plan {
    std::chrono::milliseconds incoming_every{0};  // client to server
    std::chrono::milliseconds outgoing_every{0};  // server to client

    friend bool operator==(heart_beat_plan const&, heart_beat_plan const&) = default;
};

// Reads "cx,cy" in milliseconds; missing means 0,0. Spaces around the numbers are forgiven. Numbers
// beyond a day are taken as a day: some clients say "never" with the largest number they know.
// Fails with errc::invalid_heart_beat.
boost::system::result<heart_beat_pair> parse_heart_beat(std::optional<std::string_view> header);

// "cx,cy".
std::string to_string(heart_beat_pair pair);

// In each direction the slower of what one can send and the other wants, or nothing if either is 0.
heart_beat_plan negotiate(heart_beat_pair client, heart_beat_pair server) noexcept;

}  // namespace stomp
