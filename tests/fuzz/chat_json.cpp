#include "chat/json/app_requests.hpp"
#include "chat/json/notice_json.hpp"
#include "chat/json/object_reader.hpp"
#include "chat/json/object_writer.hpp"
#include "chat/json/rest_requests.hpp"
#include "chat/limits.hpp"
#include "chat/rest/cursor.hpp"
#include "chat/rest/date_time.hpp"
#include "chat/rest/route_table.hpp"
#include "stomp/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

// The JSON bodies of /app and REST, and what else of a request the chat takes apart. The first byte
// chooses the decoder. What is accepted can be stored, keeps its limits, and comes back unchanged
// from what we write.

namespace {

using namespace chat;

void expect(bool holds) {
    if (!holds) std::abort();
}

// Text that databases and clients can take, and that survives our writer.
void check_text(std::string const& text, std::size_t longest) {
    expect(stomp::is_valid_utf8(text));
    expect(text.find('\0') == std::string::npos);
    expect(json::code_points(text) <= longest);
    std::string written = "{\"text\":";
    json::append_string(written, text);
    written += '}';
    json::object_reader again(written);
    expect(again.text({"text"}, text.size() + 1) == text);
}

template <typename Id>
void check_id(std::optional<Id> id) {
    expect(!id || (id->value >= 1 && id->value <= limits::highest_id));
}

void check_room(new_room const& room) {
    check_text(room.name, limits::room_name_length);
    check_id(room.study);
    expect(room.type != room_type::direct);
    expect(room.metadata.size() <= limits::metadata_bytes);
    if (!room.metadata.empty()) {
        json::object_reader again(room.metadata);
        expect(!again.problem());
    }
}

void check_room_frame(std::string_view body, std::optional<room_id> room) {
    auto const frame = json::decode_room_frame(body, room);
    if (frame.has_error()) return expect(!frame.error().sentence().empty());
    expect(frame->room.has_value());
    check_id(frame->room);
    check_id(frame->sender);
    check_text(frame->nickname, limits::nickname_length);
    check_text(frame->content, body.size());
}

void check_direct_frame(std::string_view body) {
    auto const frame = json::decode_direct_frame(body);
    if (frame.has_error()) return;
    check_id(frame->sender);
    check_text(frame->to, limits::nickname_length);
    check_text(frame->nickname, limits::nickname_length);
    check_text(frame->content, body.size());
}

void check_rest(std::string_view body) {
    if (auto made = json::decode_create_room(body); made.has_value()) {
        check_room(made->room);
        expect(!made->room.name.empty());
        check_text(made->nickname, limits::nickname_length);
    }
    if (auto study = json::decode_join_study(body); study.has_value()) {
        check_room(study->room);
        expect(study->room.study.has_value() && !study->room.name.empty());
    }
    if (auto added = json::decode_add_member(body); added.has_value()) {
        check_id(std::optional(added->room));
        check_id(std::optional(added->member));
    }
    if (auto member = json::decode_member(body); member.has_value()) {
        check_id(member->user);
        check_text(member->content, body.size());
    }
    if (auto read = json::decode_read(body); read.has_value()) check_id(read->user);
}

void check_notice(checked<json::notice> const& notice) {
    if (notice.has_error()) return expect(!notice.error().sentence().empty());
    expect((notice->target != 0) == (notice->to != json::audience::all));
    expect(notice->target <= limits::highest_id);
    expect(notice->message.size() <= limits::notice_bytes);
    check_text(notice->event_id, limits::event_id_length);
    for (auto const append : {json::append_user_notice, json::append_room_notice}) {
        std::string written;
        append(written, *notice);
        json::object_reader again(written);
        expect(again.text({"eventType"}, limits::event_type_length) == notice->event_type);
        expect(again.object({"message"}, limits::notice_bytes) == notice->message);
    }
}

void check_address(std::string_view text) {
    std::size_t readers = 0;
    for (auto const kind : {rest::cursor_kind::rooms, rest::cursor_kind::members,
                            rest::cursor_kind::messages_before, rest::cursor_kind::messages_after,
                            rest::cursor_kind::present, rest::cursor_kind::audit}) {
        for (std::uint64_t const scope : {0, 1}) {
            auto const cursor = rest::read_cursor(text, kind, scope);
            if (cursor.has_error()) continue;
            ++readers;
            expect(rest::make_cursor(kind, scope, *cursor) == text);
        }
    }
    expect(readers <= 1);  // a cursor is of one list
    using namespace std::chrono;
    if (auto const time = rest::parse_date_time(text))
        expect(*time > sys_days(year(-1) / 12 / 30) && *time < sys_days(year(10'000) / 1 / 3));
    auto const found = rest::find_route("GET", text);
    for (auto const parameter : found.parameters)
        expect(!parameter.empty() && parameter.find('/') == std::string_view::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    std::string_view const body(reinterpret_cast<char const*>(data) + 1, size - 1);
    switch (data[0]) {
        case 'r': check_room_frame(body, {}); break;
        case 'a': check_room_frame(body, room_id(1)); break;
        case 'd': check_direct_frame(body); break;
        case 'n': check_notice(json::decode_notice(body)); break;
        case 'm': check_notice(json::decode_notice_message(body, json::audience::user, 7)); break;
        case 'p': check_address(body); break;
        default: check_rest(body); break;
    }
    return 0;
}
