#pragma once

#include "broker/transport/sockjs/endpoints.hpp"
#include "broker/transport/sockjs/session_claims.hpp"
#include "broker/unique_function.hpp"

#include <memory>

// Requests for sessions that this shard does not have, on a node of a cluster: whose are they?

namespace broker::transport::sockjs {

// Whether anybody else may have the session of the call's URL: there are other nodes, and none of
// them has sent this request.
bool may_be_elsewhere(call const& call);

// Takes the session for this node, then calls `ours` with the claim; or has the request answered by
// the node that has it. Neither when the peer goes away meanwhile.
void claim_session(call const& call, bool cors,
                   unique_function<void(std::shared_ptr<session_claim>)> ours);

// Has the request answered by the node that has the session, or with 404.
void forward_to_owner(call const& call, bool cors);

}  // namespace broker::transport::sockjs
