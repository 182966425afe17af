#include "bench/client/endpoint.hpp"
#include "bench/client/heart_beat.hpp"
#include "bench/client/sockjs_codec.hpp"
#include "bench/client/stomp_frame.hpp"
#include "bench/client/websocket_codec.hpp"
#include "bench/client/websocket_handshake.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

// What a server sends to the load tester's clients, through all their layers: a WebSocket stream
// whose messages are SockJS's and STOMP's, or a STOMP stream over TCP. Whole and in pieces it must
// say the same.
//
// The first octet chooses the layer, the second the size of the pieces; the rest is the stream.

namespace {

using namespace bench;
using transcript = std::vector<std::string>;

void expect(bool held, char const* what) {
    if (held) return;
    std::fprintf(stderr, "%s\n", what);
    std::abort();
}

void note_frame(transcript& out, std::string_view frame) {
    std::string line = std::to_string(static_cast<int>(command_of(frame)));
    line.append(" ").append(header_of(frame, "receipt-id"));
    line.append(" ").append(body_of(frame));
    out.push_back(std::move(line));
    static_cast<void>(negotiate_heart_beats(std::chrono::seconds(1), std::chrono::seconds(1),
                                            header_of(frame, "heart-beat")));
}

void note_stomp(transcript& out, std::string_view& bytes) {
    std::string_view frame;
    while (take_frame(bytes, frame)) note_frame(out, frame);
}

void note_message(transcript& out, std::string_view message) {
    std::string_view content;
    auto const kind = read_sockjs_frame(message, content);
    out.push_back("message " + std::to_string(static_cast<int>(kind)));
    out.push_back(describe_sockjs_close(content));
    std::string scratch;
    json_strings strings(content);
    while (auto const text = strings.next(scratch)) {
        std::string again;
        append_json_string(again, *text);
        std::string other;
        json_strings back(again);
        auto const decoded = back.next(other);
        expect(decoded && *decoded == *text, "a string that does not survive JSON");
        out.emplace_back(*text);
    }
    out.emplace_back(strings.broken() ? "broken" : "whole");

    std::string_view frame;
    if (is_one_frame(message, frame)) {
        note_frame(out, frame);
    } else if (!is_heart_beat(message)) {
        note_stomp(out, message);
    }
}

transcript decoded(std::string_view stream, std::size_t piece, bool websocket) {
    transcript out;
    websocket_decoder decoder;
    std::string kept;
    while (!stream.empty()) {
        kept.append(stream.substr(0, piece));
        stream.remove_prefix(std::min(piece, stream.size()));
        // Its own allocation, so that the sanitizer sees a step too far.
        std::vector<char> const exact(kept.begin(), kept.end());
        std::string_view rest(exact.data(), exact.size());
        if (!websocket) {
            note_stomp(out, rest);
        } else {
            for (;;) {
                auto const [what, payload] = decoder.next(rest);
                if (what == websocket_event::more) break;
                if (what == websocket_event::message) note_message(out, payload);
                if (what == websocket_event::close) out.push_back(describe_close(payload));
                if (what == websocket_event::broken) {
                    out.emplace_back(payload);
                    return out;
                }
            }
        }
        kept.assign(rest);
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size < 2) return 0;
    std::string_view const stream(reinterpret_cast<char const*>(data) + 2, size - 2);
    std::size_t const piece = 1 + data[1] % 64;
    switch (data[0] % 4) {
        case 0:
        case 1: {
            bool const websocket = data[0] % 4 == 0;
            expect(decoded(stream, piece, websocket) == decoded(stream, size, websocket),
                   "the pieces say something else than the whole");
            break;
        }
        case 2: {
            transcript out;
            note_message(out, stream);
            break;
        }
        default:
            static_cast<void>(handshake_refusal(stream, "x"));
            try {
                static_cast<void>(parse_url(stream));
            } catch (std::invalid_argument const&) {
            }
    }
    return 0;
}
