#include "chat/rest/rest_call.hpp"

#include "chat/limits.hpp"
#include "chat/rest/cors.hpp"
#include "chat/rest/date_time.hpp"
#include "chat/room_topic.hpp"

#include <algorithm>
#include <charconv>

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
    if (auto const time = parse_date_time(*text)) return time;
    return refusal(errc::bad_field, std::string("The parameter '").append(name) +
                                        "' must be a time such as 2025-01-09T14:30:00Z or "
                                        "2025-01-09T23:30:00%2B09:00, or a date.");
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
