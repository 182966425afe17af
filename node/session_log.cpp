#include "node/session_log.hpp"

#include "node/event_log.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace node {
namespace {

constexpr auto debug = config::log_level::debug;

constexpr std::array<std::string_view, 9> sockjs_transports{
    "websocket", "xhr",   "xhr_streaming", "xhr_send", "eventsource",
    "htmlfile",  "jsonp", "jsonp_send",    "",
};

}  // namespace

bool session_log::wanted() const noexcept {
    return log_wanted(debug);
}

void session_log::connected(broker::session_facts const& who) {
    log_event(debug, "session_connected",
              {{"session", who.session}, {"user", who.user}, {"transport", who.transport}});
}

void session_log::closing(broker::session_facts const& who, broker::close_reason why) {
    log_event(debug, "session_closing",
              {{"session", who.session}, {"user", who.user}, {"reason", describe(why).label}});
}

void session_log::closed(broker::session_facts const& who) {
    log_event(debug, "session_closed", {{"session", who.session}, {"user", who.user}});
}

void session_log::app_request(broker::app_facts const& what) {
    log_event(debug, "app_request",
              {{"session", what.session},
               {"user", what.user},
               {"destination", what.destination},
               {"outcome", what.outcome},
               {"trace_id", what.trace != nullptr ? what.trace->trace_id() : ""}});
}

void log_request(broker::transport::answered_request const& what, std::string const& sockjs_path) {
    if (!log_wanted(debug)) return;
    auto const& request = what.request;
    auto const trace = trace_of(request);
    log_event(debug, "http_request",
              {{"request_id", request.id},
               {"method", request.method},
               {"path", loggable_path(request.path, sockjs_path)},
               {"status", std::to_string(what.status)},
               {"us", std::to_string(what.took.count())},
               {"peer", request.peer_address},
               {"trace_id", trace != nullptr ? trace->trace_id() : ""}});
}

std::string loggable_path(std::string_view path, std::string_view sockjs_path) {
    if (!path.starts_with(sockjs_path)) return std::string(path);
    auto const below = path.substr(sockjs_path.size());
    // What stands alone below the service is a page of it; deeper lie the sessions, and what stands
    // last there is a transport, but for those who do not know how to ask.
    auto const end = below.rfind('/');
    if (!below.starts_with('/') || end == 0) return std::string(path);
    auto const last = below.substr(end + 1);
    bool const known = std::ranges::find(sockjs_transports, last) != sockjs_transports.end();
    std::string shown(sockjs_path);
    return shown.append("/_/_/").append(known ? last : "_");
}

}  // namespace node
