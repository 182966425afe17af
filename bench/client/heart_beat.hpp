#pragma once

#include <algorithm>
#include <chrono>
#include <string_view>

// STOMP's heart-beats as a client sees them. Pure.

namespace bench {

struct heart_beats {
    std::chrono::milliseconds send_every{0};    // 0: none are asked for
    std::chrono::milliseconds expect_every{0};  // 0: none are promised

    // How long a server may be silent: as long again as it promised, for the network and for a
    // machine that is under load.
    std::chrono::milliseconds patience() const noexcept { return 2 * expect_every; }
};

// What a client that offers `can_send` and wants `wants` agreed on with a server that answered
// with this heart-beat header ("5000,10000"; anything else counts as "0,0").
heart_beats negotiate_heart_beats(std::chrono::milliseconds can_send,
                                  std::chrono::milliseconds wants,
                                  std::string_view answer) noexcept;

}  // namespace bench
