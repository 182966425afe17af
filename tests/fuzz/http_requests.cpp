#include "broker/transport/forwarding/forwarded_request.hpp"
#include "broker/transport/http_parser.hpp"
#include "broker/transport/http_tokens.hpp"
#include "broker/transport/websocket_handshake.hpp"
#include "broker/trimmed.hpp"
#include "tests/fuzz/choices.hpp"
#include "tests/fuzz/http.hpp"

#include <algorithm>
#include <functional>
#include <span>
#include <string>
#include <vector>

// Requests, as a connection feeds them to the parser.

namespace fuzz {
namespace {

using namespace broker::transport;
using request_status = http_parser::status;
using transcript = std::vector<std::string>;

struct bounds {
    std::size_t header_bytes;
    std::size_t body_bytes;
};

// A request and its octets, where they came in one piece.
using request_check = std::function<void(http_request const&, std::string_view octets)>;

std::size_t count(http_request const& request, std::string_view name) {
    return static_cast<std::size_t>(std::ranges::count_if(
        request.headers,
        [name](http_header const& each) { return equal_ignoring_case(each.name, name); }));
}

std::string described(http_request const& request, bool keep_alive) {
    std::string line = request.method + ' ' + request.target + ' ' +
                       std::to_string(request.version) + (keep_alive ? " +" : " -");
    for (auto const& [name, value] : request.headers) line += '\n' + name + ": " + value;
    return line + "\n\n" + request.body;
}

void check_shape(http_request const& request, bounds const& limits) {
    expect(!request.method.empty() && std::ranges::all_of(request.method, is_token_character),
           "a method that is no token");
    expect(!request.target.empty(), "no target");
    expect(std::ranges::none_of(request.target, [](unsigned char c) { return c <= ' '; }),
           "a blank or a control character in a target");
    expect(request.version == 10 || request.version == 11, "a version that there is not");

    std::size_t header_bytes = 0;
    for (auto const& [name, value] : request.headers) {
        expect(!name.empty() && std::ranges::all_of(name, is_token_character),
               "a name that is no token");
        expect(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos,
               "a line end or a NUL in a value");
        expect(broker::trimmed(value) == value, "blanks around a value");
        header_bytes += name.size() + value.size() + 3;
    }
    expect(header_bytes <= limits.header_bytes, "headers over the limit");
    expect(request.body.size() <= limits.body_bytes, "a body over the limit");
}

// Where one reader sees the end of a request and another one does not, a second one is smuggled.
void check_framing(http_request const& request) {
    auto const lengths = count(request, "content-length");
    auto const codings = count(request, "transfer-encoding");
    expect(lengths == 0 || codings == 0, "a length and a coding");
    expect(codings <= 1, "two codings");
    if (codings == 1) {
        expect(request.version == 11, "a coding in HTTP/1.0");
        expect(equal_ignoring_case(*request.header("transfer-encoding"), "chunked"),
               "a coding that is not understood");
    }
    if (lengths == 0 && codings == 0) expect(request.body.empty(), "a body without a length");
    expect(count(request, "host") <= 1, "two hosts");
    if (request.version == 11) expect(count(request, "host") == 1, "no host");
}

// Another reader's view: each line up to the empty one is a header, and nothing behind it is.
void check_octets(http_request const& request, std::string_view octets) {
    auto const end = octets.find("\r\n\r\n");
    expect(end != std::string_view::npos, "a request without an empty line");
    auto const section = octets.substr(0, end);
    std::size_t lines = 0;
    for (std::size_t at = 0; at < section.size(); ++at) {
        if (section[at] != '\n' && section[at] != '\r') continue;
        expect(section.substr(at, 2) == "\r\n", "half a line end was taken for one");
        at += 2;
        if (section[at] != ' ' && section[at] != '\t') ++lines;
    }
    expect(lines == request.headers.size(), "headers that are not in the header");
}

// What is passed on to another node means the same there.
void check_forwarded(http_request request) {
    constexpr std::string_view secret = "a secret of the cluster";
    request.peer_address = "192.0.2.1:55012";
    auto const text = forwarded_text(request, secret);
    http_parser parser(1U << 16U, 1U << 16U);
    std::span<char const> input(text);
    expect(parser.feed(input) == request_status::complete, "a forwarded request that is refused");
    expect(input.empty(), "octets behind a forwarded request");
    auto const there = parser.take();
    expect(there.method == request.method && there.target == request.target &&
               there.path == request.path && there.query == request.query &&
               there.body == request.body,
           "another request arrives");
    expect(is_forwarded(there, secret), "a forwarded request without a proof");
    expect(!is_forwarded(there, "another secret"), "any secret will do");
    expect(there.header(client_header) == request.peer_address, "another client");
    for (auto const name : {"authorization", "cookie", "content-type"}) {
        expect(there.header(name) == request.header(name), "a header is lost on the way");
    }
    expect(count(there, client_header) == 1 && count(there, forwarded_header) == 1,
           "two proofs of one request");
}

void check_request(http_request const& request, bounds const& limits) {
    check_shape(request, limits);
    check_framing(request);
    check_forwarded(request);
    auto const id = request_id_for(request);
    expect(!id.empty() && std::ranges::all_of(id, [](char c) { return c > ' ' && c < '\x7f'; }),
           "an id that is not fit for a log");
    static_cast<void>(trace_of(request));
    if (judge_handshake(request) == handshake_verdict::valid) {
        expect(request.method == "GET" && request.version == 11, "a handshake that is none");
    }
}

// The requests that are accepted. Where one is not, how much of it has come decides when that is
// said, and how. `next_piece` answers how much comes at a time.
transcript read(std::string_view stream, bounds const& limits,
                std::function<std::size_t()> const& next_piece, request_check const& check) {
    transcript out;
    std::string kept;
    auto parser = std::make_unique<http_parser>(limits.header_bytes, limits.body_bytes);
    std::string_view octets = stream;  // from the beginning of the request
    bool begun = false;
    std::size_t left = stream.size();
    for (bool more = true; more;) {
        auto const size = std::min(next_piece(), left);
        kept.append(stream.substr(stream.size() - left, size));
        left -= size;
        more = size != 0;
        for (;;) {
            if (!begun) {
                // As the connection does: empty lines before a request are ignored.
                kept.erase(0, std::min(kept.find_first_not_of("\r\n"), kept.size()));
                if (kept.empty()) break;
                begun = true;
                octets = stream.substr(stream.size() - left - kept.size());
            }
            if (kept.empty()) break;
            // Its own allocation, so that the sanitizer sees a step too far.
            std::vector<char> const exact(kept.begin(), kept.end());
            std::span<char const> input(exact);
            auto const got = parser->feed(input);
            kept.assign(input.begin(), input.end());
            if (got == request_status::failed) {
                expect(parser->fault().status >= 400 && parser->fault().status <= 505,
                       "a failure without a status");
                expect(!parser->fault().detail.empty(), "a failure without a text");
                return out;
            }
            if (got != request_status::complete) {
                // A piece is up to 300 octets; the header, a chunk's, or a trailer waits for more.
                expect(kept.size() <= limits.header_bytes + 300, "too much is kept");
                break;
            }
            bool const keep_alive = parser->keep_alive();
            auto const request = parser->take();
            check_request(request, limits);
            check(request, octets.substr(0, octets.size() - left - kept.size()));
            out.push_back(described(request, keep_alive));
            if (!keep_alive) return out;
            begun = false;
            parser = std::make_unique<http_parser>(limits.header_bytes, limits.body_bytes);
        }
    }
    return out;
}

}  // namespace

void check_http_requests(std::string_view stream, std::size_t seed, std::size_t tight) {
    bounds const limits = tight == 0 ? bounds{4096, 4096} : bounds{32 + 2 * tight, tight};
    auto const nothing = [](http_request const&, std::string_view) {};
    piece_sizes pieces(seed);
    auto const cut = read(
        stream, limits, [&pieces] { return pieces.next(); }, nothing);
    auto const octets = read(
        stream, limits, [] { return std::size_t{1}; }, nothing);
    expect(octets == cut, "octets say something else than pieces");
    auto const whole = read(
        stream, limits, [&stream] { return stream.size(); }, check_octets);
    expect(whole == cut, "the pieces say something else than the whole");
}

}  // namespace fuzz
