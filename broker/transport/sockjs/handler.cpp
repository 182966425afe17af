#include "broker/transport/sockjs/handler.hpp"

#include "broker/close_reason.hpp"

namespace broker::transport::sockjs {

void handler::on_overflow(connection& connection) {
    auto const& row = describe(close_reason::slow_consumer);
    connection.abort(row.websocket_code, row.text);
}

}  // namespace broker::transport::sockjs
