#include "broker/transport/sockjs/answers.hpp"
#include "broker/transport/sockjs/endpoints.hpp"

#include <cstdint>
#include <random>
#include <string>

namespace broker::transport::sockjs {
namespace {

constexpr std::string_view methods = "OPTIONS, GET";

std::string_view json(bool value) {
    return value ? "true" : "false";
}

// Seeds the client's random numbers: from the system's source, fresh each time.
std::uint32_t entropy() {
    thread_local std::random_device source;
    return static_cast<std::uint32_t>(source());
}

std::string info_text(service_options const& options) {
    std::string text = "{\"websocket\":";
    text += json(options.websocket);
    text += ",\"cookie_needed\":";
    text += json(options.jsessionid);
    text += ",\"origins\":[\"*:*\"],\"entropy\":";
    text += std::to_string(entropy());
    text += "}";
    return text;
}

}  // namespace

void serve_info(call const& call) {
    auto const& request = call.request();
    if (request.method == "OPTIONS") return answer_preflight(call, methods, false);
    if (request.method != "GET") return call.exchange->respond(method_not_allowed(methods));

    auto response = empty_response(200);
    response.body = info_text(call.options());
    add_content_type(response, "application/json; charset=UTF-8");
    add_no_cache(response, *call.options().protocol);
    add_cors(response, request, *call.options().protocol);
    call.exchange->respond(std::move(response));
}

}  // namespace broker::transport::sockjs
