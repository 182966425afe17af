#include "broker/transport/sockjs/answers.hpp"
#include "broker/transport/sockjs/endpoints.hpp"

namespace broker::transport::sockjs {

void serve_xhr_send(call const& call) {
    // 204 with a content type: Firefox takes an answer without one for XML and complains.
    take_messages(call, call.request().body, session_response(call, 204, plain_type, true), true);
}

}  // namespace broker::transport::sockjs
