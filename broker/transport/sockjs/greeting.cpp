#include "broker/transport/sockjs/answers.hpp"
#include "broker/transport/sockjs/endpoints.hpp"

namespace broker::transport::sockjs {

void serve_greeting(call const& call) {
    if (call.request().method != "GET") return call.exchange->respond(method_not_allowed("GET"));
    call.exchange->respond(text_response(200, "Welcome to SockJS!\n"));
}

}  // namespace broker::transport::sockjs
