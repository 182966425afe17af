#include "node/logged_options.hpp"

#include "node/event_log.hpp"
#include "node/session_log.hpp"

#include <utility>

namespace node {
namespace {

constexpr auto to_the_log = [](auto const& event) { log_relayed(event.name, event.detail); };

}  // namespace

broker::auth::auth_options logged(broker::auth::auth_options options) {
    options.on_event = to_the_log;
    return options;
}

persistence::storage_options logged(persistence::storage_options options) {
    options.on_event = to_the_log;
    return options;
}

chat::relay_options logged(chat::relay_options options) {
    options.on_event = to_the_log;
    return options;
}

broker::transport::transport_options logged(broker::transport::transport_options options,
                                            std::string sockjs_path) {
    options.on_answered =
        [sockjs_path = std::move(sockjs_path)](broker::transport::answered_request const& what) {
            log_request(what, sockjs_path);
        };
    return options;
}

}  // namespace node
