#include "chat/rest/rest_call.hpp"

#include "chat/limits.hpp"
#include "chat/rest/cors.hpp"
#include "chat/room_topic.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace chat::rest {
namespace {

bool is_json_type(std::string_view content_type) {
    std::string type(content_type.substr(0, content_type.find(';')));
    type.erase(0, type.find_first_not_of(' '));
    type.erase(type.find_last_not_of(' ') + 1);
    std::ranges::transform(type, type.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    return type == "application/json" ||
           (type.starts_with("application/") && type.ends_with("+json"));
}

// Takes `count` digits.
std::optional<unsigned> digits(std::string_view& text, std::size_t count) {
    unsigned number = 0;
    auto const* const end = text.data() + std::min(count, text.size());
    auto const parsed = std::from_chars(text.data(), end, number);
    if (text.size() < count || parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
    text.remove_prefix(count);
    return number;
}

// RFC 3339 in UTC; the date alone is its midnight.
std::optional<timestamp> parse_time(std::string_view text) {
    using namespace std::chrono;
    auto const year_part = digits(text, 4);
    if (!year_part) return std::nullopt;
    // The other parts, each with what stands before it and what it must be below.
    struct part {
        char before;
        std::size_t digits;
        unsigned below;
        unsigned value;
    };
    std::array<part, 6> parts{{{'-', 2, 13, 0},
                               {'-', 2, 32, 0},
                               {'T', 2, 24, 0},
                               {':', 2, 60, 0},
                               {':', 2, 60, 0},
                               {'.', 3, 1000, 0}}};
    std::size_t read = 0;
    for (auto& one : parts) {
        if (text.empty() || text.front() != one.before) break;
        text.remove_prefix(1);
        auto const value = digits(text, one.digits);
        if (!value || *value >= one.below) return std::nullopt;
        one.value = *value;
        ++read;
    }
    auto const only_the_date = read == 2 && text.empty();
    if (!only_the_date && (read < 4 || text != "Z")) return std::nullopt;
    year_month_day const date{year(static_cast<int>(*year_part)), month(parts[0].value),
                              day(parts[1].value)};
    if (!date.ok()) return std::nullopt;
    return timestamp(sys_days(date)) + hours(parts[2].value) + minutes(parts[3].value) +
           seconds(parts[4].value) + milliseconds(parts[5].value);
}

}  // namespace

broker::trace_ptr rest_call::trace() const {
    return trace_of(request());
}

audit_origin rest_call::origin(std::optional<user_id> acting) const {
    return origin_of(*who_, acting, request().id, trace());
}

checked<std::uint64_t> rest_call::path_id(errc otherwise) const {
    auto const id = parameters_.empty() ? std::nullopt : parse_id(parameters_.front());
    if (!id) return refusal(otherwise);
    return *id;
}

checked<std::string_view> rest_call::json_body() const {
    auto const type = request().header("Content-Type");
    if (type && !is_json_type(*type)) return refusal(errc::unsupported_media);
    return std::string_view(request().body);
}

checked<std::string_view> rest_call::optional_json_body() const {
    if (request().body.empty()) return std::string_view("{}");
    return json_body();
}

checked<std::size_t> rest_call::limit() const {
    auto const given = number_parameter("limit");
    if (given.has_value() && !*given) return limits::page_default;
    if (given.has_value() && **given >= 1 && **given <= limits::page_max) return **given;
    return refusal(errc::bad_field, "The parameter 'limit' must be a whole number from 1 to " +
                                        std::to_string(limits::page_max) + ".");
}

checked<std::optional<std::uint64_t>> rest_call::cursor(cursor_kind kind,
                                                        std::uint64_t scope) const {
    auto const word = request().query_parameter("cursor");
    if (!word) return std::optional<std::uint64_t>();
    auto const position = read_cursor(*word, kind, scope);
    if (position.has_error()) return position.error();
    return std::optional(*position);
}

checked<std::optional<std::uint64_t>> rest_call::number_parameter(std::string_view name) const {
    auto const text = request().query_parameter(name);
    if (!text) return std::optional<std::uint64_t>();
    std::uint64_t number = 0;
    auto const* const end = text->data() + text->size();
    auto const parsed = std::from_chars(text->data(), end, number);
    if (parsed.ec == std::errc() && parsed.ptr == end && number <= limits::highest_id)
        return std::optional(number);
    return refusal(errc::bad_field, std::string("The parameter '").append(name) +
                                        "' must be a whole number from 0 on.");
}

checked<std::optional<timestamp>> rest_call::time_parameter(std::string_view name) const {
    auto const text = request().query_parameter(name);
    if (!text) return std::optional<timestamp>();
    if (auto const time = parse_time(*text)) return time;
    return refusal(errc::bad_field, std::string("The parameter '").append(name) +
                                        "' must be a time in UTC such as 2025-01-09T14:30:00Z, or "
                                        "a date.");
}

void rest_call::answer(unsigned status, std::string json,
                       std::vector<broker::transport::http_header> headers) {
    broker::transport::http_response response;
    response.status = status;
    response.headers = std::move(headers);
    if (!json.empty()) response.headers.push_back({"Content-Type", "application/json"});
    response.headers.push_back({"Cache-Control", "no-store"});
    response.body = std::move(json);
    respond(*exchange_, std::move(response));
}

void rest_call::refuse(refusal const& why) {
    respond(*exchange_, problem_response(why, request().path));
}

void rest_call::refuse(problem const& why) {
    respond(*exchange_, problem_response(why, request().path));
}

}  // namespace chat::rest
