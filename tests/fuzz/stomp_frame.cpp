#include "stomp/frame_writer.hpp"
#include "tests/fuzz/choices.hpp"
#include "tests/stomp/support.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

// Reads the input whole and in pieces; both must give the same. What is read is written and read
// again.
//
// The first octets of the input choose the version, the limits and the pieces; the rest is the
// stream.

namespace {

using namespace stomp;
using fuzz::choices;
using fuzz::piece_sizes;
using stomp::test::reader;
using stomp::test::transcript;

void expect(bool held, char const* what, transcript const& a, transcript const& b) {
    if (held) return;
    std::fprintf(stderr, "%s\n", what);
    for (auto const& line : a) std::fprintf(stderr, "  a %s\n", line.c_str());
    for (auto const& line : b) std::fprintf(stderr, "  b %s\n", line.c_str());
    std::abort();
}

transcript in_pieces(std::string_view stream, std::optional<version> v, limits const& bounds,
                     std::size_t seed, bool as_messages) {
    reader r(v, bounds);
    piece_sizes sizes(seed);
    for (std::size_t at = 0; at < stream.size();) {
        auto const piece = stream.substr(at, sizes.next());
        r.feed(piece);
        if (as_messages) r.end_message();
        at += piece.size();
    }
    return r.seen();
}

// Collects the frames of `stream`, written anew.
struct rewritten {
    std::string bytes;
    transcript frames;
    bool lawful = true;  // no error, and no body where 1.0 tolerates one
    bool exact = true;   // the writer changes nothing: no handshake among the frames
};

rewritten rewrite(std::string_view stream, std::optional<version> v, limits const& bounds) {
    rewritten result;
    frame_parser parser;
    header_scratch scratch;
    if (v) parser.set_version(*v);
    auto copy = std::string(stream);
    auto input = std::span<char>(copy);
    for (;;) {
        auto const got = parser.next(input, scratch, bounds);
        if (std::holds_alternative<need_more>(got)) return result;
        if (std::holds_alternative<parse_error>(got)) {
            result.lawful = false;
            return result;
        }
        auto const* const f = std::get_if<frame>(&got);
        if (!f) continue;
        if (!f->body.empty() && !rule_of(f->command).may_have_body) result.lawful = false;
        if (is_handshake(f->command)) result.exact = false;

        // A writer sends content-length only with a body, and at the end.
        std::vector<header_view> headers;
        for (auto const& h : f->headers) {
            if (h.name != "content-length") headers.push_back(h);
        }
        write_frame(result.bytes, v.value_or(version::v1_2), f->command, f->headers, f->body);
        auto const length = std::to_string(f->body.size());
        if (!f->body.empty()) headers.push_back({"content-length", length});
        result.frames.push_back(test::show({f->command, false, headers, f->body}));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    choices choose(data, size);
    auto const chosen_version = choose.next() % 4;
    auto const v =
        chosen_version == 3 ? std::nullopt : std::optional(static_cast<version>(chosen_version));
    limits bounds;
    if (std::size_t const tight = choose.next(); tight != 0) {
        bounds = {tight % 8, 8 + tight % 64, 16 + tight, tight % 100};
    }
    auto const seed = choose.next();
    auto const stream = choose.rest();

    auto const whole = test::read(stream, v, bounds);
    auto const pieces = in_pieces(stream, v, bounds, seed, false);
    expect(whole == pieces, "pieces read otherwise than the whole", whole, pieces);
    auto const octets = test::read_byte_by_byte(stream, v, bounds);
    expect(whole == octets, "octets read otherwise than the whole", whole, octets);

    auto const again = rewrite(stream, v, bounds);
    auto const as_messages = in_pieces(stream, v, bounds, seed, true);
    if (again.lawful) {
        // The last frame may be ended by its message where the stream alone leaves it open.
        expect(as_messages.size() >= whole.size() &&
                   std::equal(whole.begin(), whole.end(), as_messages.begin()),
               "message ends change a lawful stream", whole, as_messages);
    }
    if (again.exact && chosen_version != 0) {
        limits roomy;  // for a content-length that the frame had not
        roomy.max_header_count += 1;
        roomy.max_header_line += 64;
        roomy.max_headers_total += 64;
        auto const reread = test::read(again.bytes, v, roomy);
        expect(reread == again.frames, "written frames read otherwise", again.frames, reread);
    }
    return 0;
}
