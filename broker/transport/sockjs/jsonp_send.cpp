#include "broker/transport/sockjs/answers.hpp"
#include "broker/transport/sockjs/endpoints.hpp"

#include <string>

namespace broker::transport::sockjs {
namespace {

bool is_form(http_request const& request) {
    auto const type = request.header("content-type");
    return type && type->starts_with("application/x-www-form-urlencoded");
}

}  // namespace

void serve_jsonp_send(call const& call) {
    auto accepted = session_response(call, 200, plain_type, false);
    accepted.body = "ok";  // Konqueror does strange things on 204
    auto const& request = call.request();
    if (is_form(request)) {
        auto const payload = form_value(request.body, "d").value_or(std::string());
        take_messages(call, payload, std::move(accepted), false);
    } else {
        take_messages(call, request.body, std::move(accepted), false);
    }
}

}  // namespace broker::transport::sockjs
