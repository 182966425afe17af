#include "broker/transport/client_of.hpp"

#include "broker/transport/http_tokens.hpp"

#include <string_view>
#include <vector>

namespace broker::transport {

limiting::client_address client_of(http_request const& request,
                                   limiting::trusted_proxies const& proxies) {
    auto const peer =
        limiting::client_address::parse(request.peer_address).value_or(limiting::client_address{});
    if (!proxies.trusts(peer)) return peer;
    std::vector<std::string_view> values;
    for (auto const& header : request.headers) {
        if (equal_ignoring_case(header.name, proxies.header)) values.push_back(header.value);
    }
    return proxies.client_behind(peer, values);
}

limiting::client_address client_of(peer_address const& peer) {
    return {.bytes = peer.bytes, .v6 = peer.v6};
}

}  // namespace broker::transport
