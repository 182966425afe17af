#include "broker/transport/sockjs/answers.hpp"
#include "broker/transport/sockjs/endpoints.hpp"
#include "broker/transport/sockjs/frame_encoder.hpp"
#include "broker/transport/sockjs/transport_names.hpp"

#include <utility>

namespace broker::transport::sockjs {
namespace {

std::string as_script_call(std::string&& frame, std::string_view callback) {
    std::string script(callback);
    script += "(" + as_script_string(frame, script_host::javascript) + ");\r\n";
    return script;
}

constexpr receiver_format jsonp_format{transport_names::jsonp, as_script_call};

}  // namespace

void serve_jsonp(call const& call) {
    auto const callback = callback_parameter(call);
    if (!callback) return;
    receive(call, [call, callback = *callback](http_exchange_ptr exchange) {
        auto head = session_response(call, 200, javascript_type, false);
        // The answer starts with a name of the caller's choice: nobody shall take it for anything
        // but a script.
        add_header(head, "X-Content-Type-Options", "nosniff");
        return make_polling_receiver(
            std::move(exchange), std::move(head), jsonp_format, call.options().streaming_limit,
            std::string(call.options().protocol->jsonp_prelude) + callback);
    });
}

}  // namespace broker::transport::sockjs
