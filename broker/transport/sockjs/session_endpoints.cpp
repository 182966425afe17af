#include "broker/transport/sockjs/endpoints.hpp"

#include <algorithm>
#include <array>

// The table of what stands below /<server>/<session>/.

namespace broker::transport::sockjs {
namespace {

constexpr std::string_view get = "GET";
constexpr std::string_view post = "OPTIONS, POST";

constexpr std::array endpoints{
    session_endpoint{"websocket", get, false, true, serve_websocket},
    session_endpoint{"xhr", post, true, false, serve_xhr},
    session_endpoint{"xhr_streaming", post, true, false, serve_xhr_streaming},
    session_endpoint{"xhr_send", post, true, false, serve_xhr_send},
    session_endpoint{"eventsource", get, false, false, serve_eventsource},
    session_endpoint{"htmlfile", get, false, false, serve_htmlfile},
    session_endpoint{"jsonp", get, false, false, serve_jsonp},
    session_endpoint{"jsonp_send", "POST", false, false, serve_jsonp_send},
};

}  // namespace

session_endpoint const* find_session_endpoint(std::string_view name) noexcept {
    auto const found = std::ranges::find(endpoints, name, &session_endpoint::name);
    return found == endpoints.end() ? nullptr : &*found;
}

}  // namespace broker::transport::sockjs
