#pragma once

#include "broker/transport/http.hpp"

#include <string>
#include <string_view>

// A request on its way to another node: its text there, and the proof that a node of this cluster
// sent it.
//
// The proof is an HMAC-SHA256 with the cluster's secret over what decides what the request does:
// method, target, the client's address, Authorization, Cookie, Content-Type and body. The secret
// itself stays where it is. Pure.

namespace broker::transport {

inline constexpr std::string_view forwarded_header = "Stampede-Forwarded";  // the proof, in hex
inline constexpr std::string_view client_header = "Stampede-Client";        // "192.0.2.1:55012"

// The bytes of `request` for the other node. Headers for this connection only stay behind, and so
// do headers of ours that a client made up.
std::string forwarded_text(http_request const& request, std::string_view secret);

// Does `request` carry the proof? Takes the same time whatever is wrong with it.
bool is_forwarded(http_request const& request, std::string_view secret);

// Whether a header is for one connection only and never passed on; `name` in any case.
bool is_hop_by_hop(std::string_view name);

}  // namespace broker::transport
