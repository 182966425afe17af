#include "stomp/heart_beat.hpp"

#include "stomp/errors.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace stomp {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t longest_ms = 24ull * 60 * 60 * 1000;

std::optional<milliseconds> parse_number(std::string_view text) noexcept {
    auto const first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) return std::nullopt;
    text = text.substr(first, text.find_last_not_of(' ') - first + 1);

    std::uint64_t number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (end != text.data() + text.size()) return std::nullopt;
    if (error == std::errc::invalid_argument) return std::nullopt;
    if (error == std::errc::result_out_of_range) number = longest_ms;
    return milliseconds(std::min(number, longest_ms));
}

milliseconds slower(milliseconds can_send, milliseconds wants) noexcept {
    if (can_send.count() == 0 || wants.count() == 0) return milliseconds(0);
    return std::max(can_send, wants);
}

}  // namespace

boost::system::result<heart_beat_pair> parse_heart_beat(std::optional<std::string_view> header) {
    if (!header) return heart_beat_pair{};
    auto const comma = header->find(',');
    if (comma == std::string_view::npos) return errc::invalid_heart_beat;
    auto const can_send = parse_number(header->substr(0, comma));
    auto const wants = parse_number(header->substr(comma + 1));
    if (!can_send || !wants) return errc::invalid_heart_beat;
    return heart_beat_pair{*can_send, *wants};
}

std::string to_string(heart_beat_pair pair) {
    return std::to_string(pair.can_send_every.count()) + ',' +
           std::to_string(pair.wants_every.count());
}

heart_beat_plan negotiate(heart_beat_pair client, heart_beat_pair server) noexcept {
    return {slower(client.can_send_every, server.wants_every),
            slower(server.can_send_every, client.wants_every)};
}

}  // namespace stomp
