#pragma once

#include "broker/transport/http.hpp"

#include <string>
#include <string_view>

// What this layer answers by itself, before anybody has seen a request or instead of him: in the
// shape that the errors of an API have, application/problem+json (RFC 9457). Pure.

namespace broker::transport {

struct http_fault {
    unsigned status = 0;
    std::string_view code;  // for programs; stable
    std::string detail;     // a sentence for people, ours: no '"', no '\'
};

// The members of RFC 9457, and `code`. Without `instance`: what was asked for is not always known.
http_response to_response(http_fault const& fault);

}  // namespace broker::transport
