#include "node/console/questions.hpp"

#include "stomp/utf8.hpp"

#include <charconv>
#include <string_view>
#include <utility>

namespace node::console {
namespace {

using chat::errc;
using chat::refusal;

constexpr std::size_t usual_rooms = 50;
constexpr std::size_t usual_seconds = 60;

// Empty without one.
chat::checked<std::string> text_of(http_request const& request, std::string_view name) {
    auto value = request.query_parameter(name).value_or("");
    if (is_text(value)) return value;
    return refusal(errc::bad_field,
                   std::string("The parameter '").append(name).append("' must be text."));
}

chat::checked<std::size_t> count_of(http_request const& request, std::string_view name,
                                    std::size_t otherwise, std::size_t most) {
    auto const text = request.query_parameter(name);
    if (!text) return otherwise;
    std::size_t number = 0;
    auto const* const end = text->data() + text->size();
    auto const parsed = std::from_chars(text->data(), end, number);
    if (parsed.ec == std::errc() && parsed.ptr == end && number >= 1 && number <= most)
        return number;
    return refusal(errc::bad_field, std::string("The parameter '")
                                        .append(name)
                                        .append("' must be a whole number from 1 to ")
                                        .append(std::to_string(most))
                                        .append("."));
}

}  // namespace

bool is_text(std::string_view text) {
    return text.find('\0') == std::string_view::npos && stomp::is_valid_utf8(text);
}

chat::checked<std::string> read_named(http_request const& request,
                                      std::vector<std::string> const& of_address, std::size_t at,
                                      std::string_view name) {
    if (at < of_address.size()) return of_address[at];
    auto value = text_of(request, name);
    if (!value.has_error() && value->empty()) {
        return refusal(errc::bad_field,
                       std::string("The parameter '").append(name).append("' is needed."));
    }
    return value;
}

chat::checked<broker::session_question> read_session_question(http_request const& request) {
    broker::session_question question;
    struct {
        std::string_view name;
        std::string& value;
    } const texts[] = {{"user", question.user},
                       {"session", question.session},
                       {"destination", question.destination}};
    for (auto const& [name, value] : texts) {
        auto text = text_of(request, name);
        if (text.has_error()) return text.error();
        value = std::move(*text);
    }
    auto const slow = text_of(request, "slow");
    if (slow.has_error()) return slow.error();
    if (!slow->empty() && *slow != "true" && *slow != "false")
        return refusal(errc::bad_field, "The parameter 'slow' must be true or false.");
    question.slow = *slow == "true";
    auto const limit = count_of(request, "limit", question.limit, most_sessions);
    if (limit.has_error()) return limit.error();
    question.limit = *limit;
    return question;
}

chat::checked<std::size_t> read_room_limit(http_request const& request) {
    return count_of(request, "limit", usual_rooms, most_rooms);
}

chat::checked<trace_question> read_trace_question(http_request const& request) {
    auto user = text_of(request, "user");
    if (user.has_error()) return user.error();
    auto destination = text_of(request, "destination");
    if (destination.has_error()) return destination.error();
    if (user->empty() == destination->empty()) {
        return refusal(errc::bad_field,
                       "One of the parameters 'user' and 'destination' is needed.");
    }
    auto const seconds = count_of(request, "seconds", usual_seconds,
                                  static_cast<std::size_t>(longest_trace.count()));
    if (seconds.has_error()) return seconds.error();
    return trace_question{std::move(*user), std::move(*destination),
                          std::chrono::seconds(*seconds)};
}

}  // namespace node::console
