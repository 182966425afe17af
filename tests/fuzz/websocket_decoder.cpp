#include "broker/transport/websocket_decoder.hpp"
#include "broker/transport/websocket_deflate.hpp"
#include "tests/fuzz/choices.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

// Decodes a stream whole and in pieces; both must say the same, within the limits.
//
// The first four octets of the input choose: compression, the limit, the pieces, and whether the
// rest is the stream as it is or a list of frames {first octet, length, payload} that are masked
// here, since a fuzzer hardly finds its way through masks.

namespace {

using namespace broker::transport;
using fuzz::expect;
using fuzz::piece_sizes;
using type = websocket_event::type;
using transcript = std::vector<std::string>;

std::string masked_frames(std::string_view plan) {
    std::string stream;
    while (plan.size() >= 2) {
        auto const first = plan[0];
        std::size_t const wanted = static_cast<unsigned char>(plan[1]);
        plan.remove_prefix(2);
        auto const payload = plan.substr(0, std::min(plan.size(), wanted));
        plan.remove_prefix(payload.size());
        std::array<char, 4> const mask{'\x17', '\xA5', '\x00', static_cast<char>(wanted)};
        stream += first;
        if (payload.size() <= 125) {
            stream += static_cast<char>(0x80 | payload.size());
        } else {
            stream += '\xFE';
            stream += static_cast<char>(payload.size() >> 8);
            stream += static_cast<char>(payload.size());
        }
        stream.append(mask.data(), mask.size());
        for (std::size_t i = 0; i < payload.size(); ++i) {
            stream += static_cast<char>(payload[i] ^ mask[i % 4]);
        }
    }
    return stream;
}

transcript decoded(std::string_view stream, websocket_decoder::limits const& limits,
                   piece_sizes* pieces) {
    transcript result;
    websocket_decoder decoder;
    while (!stream.empty()) {
        auto const size = pieces == nullptr ? stream.size() : pieces->next();
        // Its own allocation, so that the sanitizer sees a step too far.
        std::vector<char> piece(
            stream.begin(),
            stream.begin() + static_cast<std::ptrdiff_t>(std::min(size, stream.size())));
        stream.remove_prefix(piece.size());
        std::span<char> input(piece);
        for (;;) {
            auto const event = decoder.next(input, limits);
            if (event.what == type::need_more) break;
            std::string line = std::to_string(static_cast<int>(event.what));
            line += ' ' + std::to_string(event.code) + ' ';
            line += event.kind == frame_kind::text ? "t " : "b ";
            line.append(event.payload.data(), event.payload.size());
            line += event.what == type::close ? event.reason : std::string_view();
            result.push_back(std::move(line));
            expect(event.payload.size() <= std::max<std::size_t>(limits.max_message_bytes, 125),
                   "a payload over the limit");
            // Handlers may change what they get.
            std::fill(event.payload.begin(), event.payload.end(), '!');
            if (event.what == type::close || event.what == type::failed) return result;
        }
        expect(input.empty(), "input is left although more is asked for");
        expect(decoder.kept_bytes() <= 4 * limits.max_message_bytes + 4096, "too much is kept");
    }
    return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size < 4) return 0;
    std::string_view const input(reinterpret_cast<char const*>(data), size);
    static websocket_inflater inflater;
    websocket_decoder::limits const limits{1 + std::size_t{data[1]} * 16,
                                           (data[0] & 1) != 0 ? &inflater : nullptr};
    auto const stream =
        (data[0] & 2) != 0 ? masked_frames(input.substr(4)) : std::string(input.substr(4));
    piece_sizes pieces(data[2] + 256u * data[3]);
    auto const whole = decoded(stream, limits, nullptr);
    auto const cut = decoded(stream, limits, &pieces);
    expect(whole == cut, "the pieces say something else than the whole");

    if (auto const agreed = negotiate_deflate(input.substr(4))) {
        expect(agreed->server_window_bits >= 8 && agreed->server_window_bits <= 15,
               "a window that does not exist");
    }
    return 0;
}
