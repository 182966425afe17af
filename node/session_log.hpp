#pragma once

#include "broker/ports/journal.hpp"
#include "broker/transport/connection_host.hpp"

#include <string>

// The events of single sessions and requests, at level debug: docs/logging.md. Any shard.

namespace node {

class session_log final : public broker::journal {
public:
    bool wanted() const noexcept override;
    void connected(broker::session_facts const& who) override;
    void closing(broker::session_facts const& who, broker::close_reason why) override;
    void closed(broker::session_facts const& who) override;
    void app_request(broker::app_facts const& what) override;
};

// A request over HTTP. Its query is never logged, as it may hold a token, nor is the session id in
// the addresses of SockJS, which are those below `sockjs_path`: who has it may use the session.
void log_request(broker::transport::answered_request const& what, std::string const& sockjs_path);

// "/ws-chat/_/_/xhr" for "/ws-chat/000/3fq7t2wz/xhr"; others as they are.
std::string loggable_path(std::string_view path, std::string_view sockjs_path);

}  // namespace node
