#include "broker/transport/sockjs/answers.hpp"
#include "broker/transport/sockjs/endpoints.hpp"
#include "broker/transport/sockjs/transport_names.hpp"

#include <utility>

namespace broker::transport::sockjs {
namespace {

constexpr receiver_format polling_format{
    transport_names::xhr,
    [](std::string&& frame, std::string_view) {
        frame.push_back('\n');
        return frame;
    },
};

}  // namespace

void serve_xhr(call const& call) {
    receive(call, [call](http_exchange_ptr exchange) {
        return make_polling_receiver(std::move(exchange),
                                     session_response(call, 200, javascript_type, true),
                                     polling_format, call.options().streaming_limit);
    });
}

}  // namespace broker::transport::sockjs
