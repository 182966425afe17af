#pragma once

#include "broker/limiting/limiter.hpp"
#include "broker/ports/authenticator.hpp"
#include "broker/transport/http.hpp"
#include "broker/unique_function.hpp"
#include "chat/identity.hpp"
#include "chat/operations/context.hpp"
#include "chat/rest/rest_call.hpp"

#include <cstdint>
#include <functional>
#include <string_view>

// Everything under /api: finds the endpoint, asks who calls, hands over. Each request on the shard
// of its connection; no state of its own.

namespace chat::rest {

// Whether the page that a request comes from may call; called on every shard.
using origin_rule = std::function<bool(broker::transport::http_request const&)>;

class rest_service {
public:
    // Both outlive us.
    rest_service(context& chat, broker::authenticator& credentials)
        : chat_(chat), credentials_(credentials) {}

    // `limits` outlives us; null: there are none.
    void register_routes(broker::transport::http_routes& routes, origin_rule allowed,
                         broker::limiting::limiter* limits);

    void handle(broker::transport::http_exchange_ptr exchange);

    // For what is beside /api: hands over calls of administrators, and answers all others, by the
    // same rules. Limits are kept where the client's own connection is.
    enum class limits_kept : std::uint8_t { here, elsewhere };
    void admit_admin(broker::transport::http_exchange_ptr exchange, limits_kept where,
                     broker::unique_function<void(rest_call)> then);

private:
    using on_admitted = broker::unique_function<void(
        broker::transport::http_exchange_ptr, broker::principal_ptr const&, identity const&)>;
    void admit(broker::transport::http_exchange_ptr exchange, limits_kept where, on_admitted then);

    context& chat_;
    // Whether the credentials' owner may ask now; if not, they are answered.
    bool may_ask(broker::transport::http_exchange& exchange, broker::principal const& who) const;
    bool may_come(broker::transport::http_exchange& exchange) const;

    broker::authenticator& credentials_;
    broker::limiting::limiter* limits_ = nullptr;
};

// docs of this interface, as served at /api/openapi.yaml.
std::string_view openapi_document() noexcept;

}  // namespace chat::rest
