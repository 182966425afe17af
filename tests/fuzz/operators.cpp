#include "chat/json/object_reader.hpp"
#include "chat/limits.hpp"
#include "node/console/bodies.hpp"
#include "node/console/questions.hpp"
#include "node/console/routes.hpp"
#include "node/console/trace_line.hpp"
#include "stomp/utf8.hpp"
#include "tests/fuzz/choices.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// The console: its addresses, their parameters, its bodies, and the line that shows a frame.
// Whatever a client put into its headers, no secret is in the line.
//
// The first octet chooses: 'r' a method and a path, 'q' a query, 'b' the body of a ban, 'w' that of
// a broadcast, else a frame.

namespace fuzz {
namespace {

using namespace node::console;

constexpr std::string_view secret = "hunter2-hunter2";
// {"alg":"none"}, {"sub":"7"} and no signature, as issuers write them: tight, and in lines.
constexpr std::array<std::string_view, 4> tokens{"eyJhbGciOiJub25lIn0.aHVudGVyMi1odW50ZXIy.",
                                                 "eyAiYWxnIjogIm5vbmUiIH0.aHVudGVyMi1odW50ZXIy.eA",
                                                 "ewogImFsZyI6Im5vbmUifQ.aHVudGVyMi1odW50ZXIy.eA",
                                                 "ew0KICJhbGciOiJub25lIn0.aHVudGVyMi1odW50ZXIy.eA"};
constexpr std::string_view token_body = "aHVudGVyMi1odW50ZXIy";

void check_route(std::string_view text) {
    choices left(text);
    auto const method = left.take_until(' ');
    auto const path = left.rest();
    auto const found = find_route(method, path);
    if (found.allow.empty()) return expect(!found.what, "a route without an address");
    expect(path.starts_with("/console/api/") && !path.ends_with('/'), "another's address");
    std::size_t segments = 0;
    for (auto const& parameter : found.parameters) {
        expect(!parameter.empty() && parameter.size() <= path.size(), "a parameter of nothing");
        ++segments;
    }
    expect(segments <= static_cast<std::size_t>(std::ranges::count(path, '/')) - 2,
           "more parameters than segments");
    expect(!found.what || !is_of_a_node(*found.what) || !found.parameters.empty(), "no node");
    expect(found.what.has_value() == (find_route("OPTIONS", path).allow == found.allow &&
                                      found.allow.find(method) != std::string::npos &&
                                      !method.empty() && find_route(method, path).what),
           "a method that is not among those");
}

std::string secret_name(choices& choose) {
    static constexpr std::array<std::string_view, 8> names{
        "passcode",      "Authorization", "X-Auth-Token", "cookie",
        "client_secret", "PASSWORD",      "api-key",      "credentials"};
    std::string name(names.at(choose.next() % names.size()));
    for (auto& c : name) {
        if (c >= 'a' && c <= 'z' && choose.next() % 2 != 0) c = static_cast<char>(c - 32);
    }
    return name;
}

std::string secret_value(choices& choose) {
    static constexpr std::array<std::string_view, 4> schemes{"Bearer ", "basic ", "BEARER  ",
                                                             " Bearer\t"};
    auto const which = choose.next();
    if (which % 2 == 0) return std::string(schemes.at(which / 2 % schemes.size())).append(secret);
    std::string value(choose.take(which % 16));
    return value.append(tokens.at(which / 16 % tokens.size()));
}

bool is_text(std::string_view text) {
    return text.find('\0') == std::string_view::npos && stomp::is_valid_utf8(text);
}

template <typename Answer>
bool is_refused(Answer const& answer) {
    if (!answer.has_error()) return false;
    expect(answer.error().code == chat::errc::bad_field, "another refusal");
    expect(is_text(answer.error().sentence()), "a sentence that cannot be sent");
    return true;
}

void check_query(std::string_view query) {
    http_request request;
    request.query = query;
    if (auto const found = read_session_question(request); !is_refused(found)) {
        expect(found->limit >= 1 && found->limit <= most_sessions, "sessions without a bound");
        for (auto const* text : {&found->user, &found->session, &found->destination}) {
            expect(is_text(*text) && text->size() <= query.size(), "a session of no name");
        }
    }
    if (auto const found = read_room_limit(request); !is_refused(found))
        expect(*found >= 1 && *found <= most_rooms, "rooms without a bound");
    if (auto const found = read_trace_question(request); !is_refused(found)) {
        expect(found->user.empty() != found->destination.empty(), "a trace of nothing, or of two");
        expect(is_text(found->user) && is_text(found->destination), "a trace of no name");
        expect(found->time >= std::chrono::seconds(1) && found->time <= longest_trace,
               "a trace without an end");
    }
}

void check_reason(std::string_view body) {
    auto const reason = decode_reason(body);
    if (reason.has_error())
        return expect(!reason.error().sentence().empty(), "a refusal of nothing");
    expect(is_text(*reason), "a reason that cannot be stored");
    expect(chat::json::code_points(*reason) <= reason_length, "a reason that is too long");
}

void check_broadcast(std::string_view body) {
    auto const told = decode_broadcast(body);
    if (told.has_error()) return expect(!told.error().sentence().empty(), "a refusal of nothing");
    expect((told->target != 0) == (told->to != chat::json::audience::all), "told to nobody");
    expect(told->target <= chat::limits::highest_id, "a number that is too high");
    expect(told->message.size() <= chat::limits::notice_bytes, "a message that is too long");
    expect(is_text(told->message) && is_text(told->event_type), "text that cannot be sent");
}

struct header {
    std::string name;
    std::string value;
};

std::vector<header> read_headers(choices& choose) {
    std::vector<header> made;
    while (!choose.empty() && made.size() < 20) {
        auto const kind = choose.next();
        std::string name(choose.take_until('\n'));
        if (kind % 4 == 0) {
            made.push_back({name + secret_name(choose), std::string(secret)});
        } else if (kind % 4 == 1) {
            made.push_back({name, secret_value(choose)});
        } else {
            made.push_back({name, std::string(choose.take_until('\n'))});
        }
    }
    return made;
}

void check_frame(choices choose) {
    // What the input itself says is no secret of ours.
    for (auto const each : {secret, token_body}) {
        if (choose.rest().find(each) != std::string_view::npos) return;
    }
    auto const made = read_headers(choose);
    bool text = true;
    std::vector<stomp::header_view> views;
    for (auto const& [name, value] : made) {
        views.push_back({name, value});
        text = text && is_text(name) && is_text(value);
    }
    auto const line = trace_line(std::chrono::system_clock::time_point(std::chrono::seconds(1)),
                                 {.session = "s1",
                                  .user = "7",
                                  .incoming = true,
                                  .command = "SEND",
                                  .headers = views,
                                  .body_bytes = 7});
    expect(line.find('\n') == line.size() - 1, "more than one line");
    expect(line.find(secret) == std::string::npos, "a secret in the line");
    expect(line.find(token_body) == std::string::npos, "a token in the line");
    if (!text) return;  // a session lets nothing else through
    expect(stomp::is_valid_utf8(line), "half a character");
    chat::json::object_reader again(std::string_view(line).substr(0, line.size() - 1));
    expect(again.text({"command"}, 100) == "SEND", "a line that cannot be read");
    expect(again.number({"bodyBytes"}, 100) == 7, "a line that ends too early");
    expect(!again.problem(), "a line that is no JSON");
}

}  // namespace
}  // namespace fuzz

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    fuzz::choices choose(data, size);
    switch (choose.next()) {
        case 'r': fuzz::check_route(choose.rest()); break;
        case 'q': fuzz::check_query(choose.rest()); break;
        case 'b': fuzz::check_reason(choose.rest()); break;
        case 'w': fuzz::check_broadcast(choose.rest()); break;
        default: fuzz::check_frame(choose); break;
    }
    return 0;
}
