#include "broker/transport/sockjs/other_nodes.hpp"

#include "broker/transport/forwarding/forwarder.hpp"
#include "broker/transport/sockjs/answers.hpp"

#include <optional>
#include <utility>

namespace broker::transport::sockjs {
namespace {

void forward(call const& call, std::string const& address, bool cors) {
    call.service.others->forward(call.exchange, address, [call, cors](forward_failure failure) {
        // The session is lost with its node: clients take 404 as that, and open another one.
        auto answer = failure == forward_failure::unreachable
                          ? not_found()
                          : text_response(503, "Too many forwarded requests\n");
        refuse(call, std::move(answer), cors);
    });
}

// Set when the peer goes away before an owner is known.
std::shared_ptr<bool const> watch_for_loss(call const& call) {
    auto lost = std::make_shared<bool>(false);
    call.exchange->on_abort([lost] { *lost = true; });
    return lost;
}

}  // namespace

bool may_be_elsewhere(call const& call) {
    return call.registry->claims().owners() != nullptr && !call.forwarded;
}

void claim_session(call const& call, bool cors,
                   unique_function<void(std::shared_ptr<session_claim>)> ours) {
    auto& claims = call.registry->claims();
    auto claim = claims.hold(call.url.session_id);
    auto answer = [call, cors, claim, lost = watch_for_loss(call),
                   ours = std::move(ours)](std::optional<session_owner> owner) mutable {
        bool const here = !owner || owner->here;
        if (here) claim->taken();
        if (*lost) return;
        if (here) return ours(std::move(claim));
        forward(call, owner->internal_address, cors);
    };
    claims.owners()->claim(claim->key(), call.registry->home(), std::move(answer));
}

void forward_to_owner(call const& call, bool cors) {
    auto& claims = call.registry->claims();
    auto answer = [call, cors,
                   lost = watch_for_loss(call)](std::optional<session_owner> owner) mutable {
        if (*lost) return;
        // Ours and not here: it has ended, or was lost when this node was started again.
        if (!owner || owner->here) return refuse(call, not_found(), cors);
        forward(call, owner->internal_address, cors);
    };
    claims.owners()->find(claims.key_of(call.url.session_id), call.registry->home(),
                          std::move(answer));
}

}  // namespace broker::transport::sockjs
