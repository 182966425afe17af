#include "broker/transport/sockjs/endpoints.hpp"
#include "broker/transport/sockjs/framed_websocket.hpp"

#include <utility>

namespace broker::transport::sockjs {

void serve_websocket(call const& call) {
    if (!check_upgrade(call)) return;
    auto const transport = socket_options(call.options(), call.options().max_payload_bytes);
    accept(call, {}, transport, [registry = call.registry](std::unique_ptr<handler> application) {
        return std::make_unique<framed_websocket>(*registry, std::move(application));
    });
}

}  // namespace broker::transport::sockjs
