#include "broker/transport/sockjs/answers.hpp"
#include "broker/transport/sockjs/endpoints.hpp"
#include "broker/transport/sockjs/transport_names.hpp"

#include <utility>

namespace broker::transport::sockjs {
namespace {

// The clients, old and new, undo percent-encoding in what an event brings: a message that holds
// "%20" must be sent with "%2520". Line breaks have been escaped as JSON.
std::string as_event(std::string&& frame, std::string_view) {
    std::string event = "data: ";
    event.reserve(frame.size() + 16);
    std::string_view rest = frame;
    for (auto percent = rest.find('%'); percent != rest.npos; percent = rest.find('%')) {
        event.append(rest.substr(0, percent)).append("%25");
        rest.remove_prefix(percent + 1);
    }
    event.append(rest).append("\r\n\r\n");
    return event;
}

constexpr receiver_format event_format{transport_names::eventsource, as_event};

}  // namespace

void serve_eventsource(call const& call) {
    receive(call, [call](http_exchange_ptr exchange) {
        auto head = session_response(call, 200, call.options().protocol->event_stream_type, true);
        add_unbuffered(head);
        head.body = "\r\n";  // Opera starts with the second line
        return make_streaming_receiver(std::move(exchange), std::move(head), event_format,
                                       call.options().streaming_limit);
    });
}

}  // namespace broker::transport::sockjs
