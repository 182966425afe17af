#include "broker/transport/sockjs/frame_decoder.hpp"
#include "broker/transport/sockjs/frame_encoder.hpp"
#include "broker/transport/sockjs/url.hpp"
#include "broker/transport/sockjs/utf8.hpp"

#include <simdjson.h>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Decodes the input as what a SockJS client sends. simdjson must agree on what is an array of
// strings and on the strings; what was decoded is encoded and decoded again.

namespace {

using namespace broker::transport::sockjs;

using list = std::vector<std::string>;

struct outcome {
    decode_status status;
    list messages;
};

void require(bool condition) {
    if (!condition) std::abort();
}

outcome decode(std::string payload, payload_form form) {
    std::vector<std::span<char>> found;
    outcome out{decode_messages(payload, form, found), {}};
    for (auto const each : found) {
        require(each.data() >= payload.data());
        require(each.data() + each.size() <= payload.data() + payload.size());
        out.messages.emplace_back(each.begin(), each.end());
    }
    return out;
}

// Nothing if simdjson sees no array of strings.
std::optional<list> oracle(std::string_view text) {
    static simdjson::dom::parser parser;
    simdjson::dom::array array;
    if (parser.parse(simdjson::padded_string(text)).get(array) != simdjson::SUCCESS) {
        return std::nullopt;
    }
    list out;
    for (auto const element : array) {
        std::string_view message;
        if (element.get(message) != simdjson::SUCCESS) return std::nullopt;
        out.emplace_back(message);
    }
    return out;
}

// Surrogates: simdjson refuses lone ones, the decoder replaces them.
bool mentions_surrogates(std::string_view text) {
    for (auto at = text.find("\\u"); at != text.npos; at = text.find("\\u", at + 1)) {
        if (at + 2 < text.size() && (text[at + 2] == 'd' || text[at + 2] == 'D')) return true;
    }
    return false;
}

void check_payload(std::string const& text) {
    auto const array = decode(text, payload_form::array);
    auto const either = decode(text, payload_form::array_or_string);
    if (array.status == decode_status::ok) require(either.messages == array.messages);
    if (array.status == decode_status::not_an_array) require(either.messages.size() == 1);
    if (array.status == decode_status::broken) require(either.status == decode_status::broken);
    if (array.status != decode_status::ok) require(array.messages.empty());

    if (!mentions_surrogates(text) && array.status != decode_status::too_many_messages) {
        auto const expected = oracle(text);
        require(expected.has_value() == (array.status == decode_status::ok));
        if (expected) require(*expected == array.messages);
    }

    message_frame frame(text.size());
    for (auto const& message : array.messages) {
        require(is_utf8(message));
        frame.add(message, {});
    }
    auto encoded = frame.take();
    require(is_utf8(encoded));
    auto const again = decode(encoded.substr(1), payload_form::array);
    require(again.status == decode_status::ok);
    require(again.messages == array.messages);

    auto const script = as_script_string(encoded, script_host::html);
    require(script.find('<') == script.npos);
    auto const unquoted = decode(script, payload_form::array_or_string);
    require(unquoted.status == decode_status::ok && unquoted.messages == list{encoded});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string const bytes(reinterpret_cast<char const*>(data), size);

    auto const url = parse_url(bytes);
    if (url.where == place::session) require(url.session_id.find_first_of("/.") == bytes.npos);
    if (auto const field = form_value(bytes, "d")) {
        require(field->size() <= size);
        if (is_utf8(*field)) check_payload(*field);
    }
    check_payload(is_utf8(bytes) ? bytes : replace_invalid_utf8(bytes));
    return 0;
}
