#pragma once

#include "broker/transport/http.hpp"
#include "chat/audit.hpp"
#include "chat/identity.hpp"
#include "chat/operations/context.hpp"
#include "chat/refusal.hpp"
#include "chat/rest/cursor.hpp"
#include "chat/rest/problem.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// One request with known credentials, on its way through a handler. Moved along until it is
// answered, once. On the connection's shard.

namespace chat::rest {

class rest_call {
public:
    rest_call(context& chat, broker::transport::http_exchange_ptr exchange,
              broker::principal_ptr who, identity caller, std::vector<std::string_view> parameters)
        : chat_(&chat),
          exchange_(std::move(exchange)),
          who_(std::move(who)),
          caller_(caller),
          parameters_(std::move(parameters)) {}

    context& chat() const { return *chat_; }
    broker::executor& home() const { return exchange_->home(); }
    // As the credentials, X-User-Id and the query's userId say; a body may name the user as well.
    identity const& caller() const { return caller_; }
    broker::transport::http_request const& request() const { return exchange_->request(); }

    // Which trace the request belongs to; null if it is none.
    broker::trace_ptr trace() const;

    // For the audit log: who asks for something in the name of `acting`.
    audit_origin origin(std::optional<user_id> acting) const;

    // The id in the path; `otherwise` when it is none.
    checked<std::uint64_t> path_id(errc otherwise) const;

    // The body, which must be JSON by its Content-Type (if it has one). An endpoint that needs no
    // field takes an empty body for {}.
    checked<std::string_view> json_body() const;
    checked<std::string_view> optional_json_body() const;

    checked<std::size_t> limit() const;  // 1 to 100; 50 without one
    // Where the page before this one ended; nothing for the first page.
    checked<std::optional<std::uint64_t>> cursor(cursor_kind kind, std::uint64_t scope) const;
    // A whole number from 0 on.
    checked<std::optional<std::uint64_t>> number_parameter(std::string_view name) const;

    // "2025-01-09T14:30:00.123Z", or less of it from the end on: seconds, minutes, the time.
    checked<std::optional<timestamp>> time_parameter(std::string_view name) const;

    // For what the chat does not answer itself.
    broker::transport::http_exchange_ptr const& exchange() const { return exchange_; }

    void answer(unsigned status, std::string json,
                std::vector<broker::transport::http_header> headers = {});
    void refuse(refusal const& why);
    void refuse(boost::system::error_code why) { refuse(to_refusal(why)); }
    void refuse(problem const& why);

private:
    context* chat_;
    broker::transport::http_exchange_ptr exchange_;
    broker::principal_ptr who_;
    identity caller_;
    std::vector<std::string_view> parameters_;  // of the exchange's path
};

}  // namespace chat::rest
