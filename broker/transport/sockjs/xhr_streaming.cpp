#include "broker/transport/sockjs/answers.hpp"
#include "broker/transport/sockjs/endpoints.hpp"
#include "broker/transport/sockjs/transport_names.hpp"

#include <utility>

namespace broker::transport::sockjs {
namespace {

constexpr receiver_format streaming_format{
    transport_names::xhr_streaming,
    [](std::string&& frame, std::string_view) {
        frame.push_back('\n');
        return frame;
    },
};

// Some browsers show nothing of a response before they have 2 KiB of it.
constexpr std::size_t prelude_bytes = 2048;

}  // namespace

void serve_xhr_streaming(call const& call) {
    receive(call, [call](http_exchange_ptr exchange) {
        auto head = session_response(call, 200, javascript_type, true);
        add_unbuffered(head);
        head.body.assign(prelude_bytes, 'h');
        head.body.push_back('\n');
        return make_streaming_receiver(std::move(exchange), std::move(head), streaming_format,
                                       call.options().streaming_limit);
    });
}

}  // namespace broker::transport::sockjs
