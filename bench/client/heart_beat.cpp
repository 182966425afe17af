#include "bench/client/heart_beat.hpp"

#include <charconv>
#include <cstdint>
#include <system_error>

namespace bench {
namespace {

using std::chrono::milliseconds;

milliseconds number_at(char const*& at, char const* end) noexcept {
    std::uint32_t value = 0;
    auto const [stop, error] = std::from_chars(at, end, value);
    if (error != std::errc{}) return milliseconds{-1};
    at = stop;
    return milliseconds{value};
}

// Both must agree to it; the slower one sets the pace.
milliseconds agreed(milliseconds one, milliseconds other) noexcept {
    return one.count() <= 0 || other.count() <= 0 ? milliseconds{0} : std::max(one, other);
}

}  // namespace

heart_beats negotiate_heart_beats(milliseconds can_send, milliseconds wants,
                                  std::string_view answer) noexcept {
    char const* at = answer.data();
    char const* const end = at + answer.size();
    auto const server_sends = number_at(at, end);
    if (server_sends.count() < 0 || at == end || *at != ',') return {};
    ++at;
    auto const server_wants = number_at(at, end);
    if (server_wants.count() < 0) return {};
    return {agreed(can_send, server_wants), agreed(wants, server_sends)};
}

}  // namespace bench
