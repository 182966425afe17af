#include "broker/transport/forwarding/answer_decoder.hpp"
#include "broker/transport/forwarding/forwarded_request.hpp"
#include "tests/fuzz/choices.hpp"
#include "tests/fuzz/http.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

// Answers, as the relay feeds them to the decoder.

namespace fuzz {
namespace {

using namespace broker::transport;
using status = answer_decoder::status;

struct decoded {
    status end = status::need_more;
    std::optional<std::string> head;
    std::string body;
    bool stream = false;
    friend bool operator==(decoded const&, decoded const&) = default;
};

std::string described(http_response const& head) {
    auto line = std::to_string(head.status);
    for (auto const& [name, value] : head.headers) {
        expect(!is_hop_by_hop(name), "a header of another connection");
        expect(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos,
               "a line end or a NUL in a value");
        line += '\n' + name + ": " + value;
    }
    return line;
}

decoded read(std::string_view stream, std::size_t answer_bytes,
             std::function<std::size_t()> const& next_piece) {
    answer_decoder decoder(answer_bytes);
    decoded out;
    auto const take = [&] {
        if (!decoder.has_head()) return;
        if (!out.head) {
            out.head = described(decoder.take_head());
            out.stream = decoder.is_stream();
        }
        out.body += decoder.take_body();
    };
    while (!stream.empty() && out.end == status::need_more) {
        auto const size = std::min(next_piece(), stream.size());
        // Its own allocation, so that the sanitizer sees a step too far.
        std::vector<char> const piece(stream.begin(),
                                      stream.begin() + static_cast<std::ptrdiff_t>(size));
        stream.remove_prefix(size);
        out.end = decoder.feed(piece);
        if (out.end != status::failed) take();
    }
    if (out.end == status::need_more) {
        out.end = decoder.end();
        if (out.end != status::failed) take();
    }
    if (out.end == status::failed) return {status::failed, {}, {}, false};
    expect(out.head.has_value(), "an answer without a head");
    expect(out.end == status::complete, "no end");
    expect(out.stream || out.body.size() <= answer_bytes, "an answer over its limit");
    return out;
}

}  // namespace

void check_http_answer(std::string_view stream, std::size_t seed, std::size_t tight) {
    std::size_t const answer_bytes = tight == 0 ? 4096 : tight;
    piece_sizes pieces(seed);
    auto const whole = read(stream, answer_bytes, [&stream] { return stream.size(); });
    auto const cut = read(stream, answer_bytes, [&pieces] { return pieces.next(); });
    auto const octets = read(stream, answer_bytes, [] { return std::size_t{1}; });
    expect(whole == cut && cut == octets, "the pieces say something else than the whole");
}

}  // namespace fuzz
