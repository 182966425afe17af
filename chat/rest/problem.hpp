#pragma once

#include "broker/limiting/limiter.hpp"
#include "broker/ports/authenticator.hpp"
#include "broker/transport/http.hpp"
#include "chat/refusal.hpp"

#include <chrono>
#include <string>
#include <string_view>

// The one shape of every error of the REST interface: RFC 9457 problem details, with a stable
// `code` for programs beside them.

namespace chat::rest {

// {"type","title","status","detail","code","instance"}
broker::transport::http_response problem_response(refusal const& refused, std::string_view path);

// What is no refusal of the chat's. Its views live as long as the call.
struct problem {
    unsigned status;
    std::string_view code;
    std::string_view title;
    std::string_view detail;
    std::chrono::milliseconds retry_after{1'000};  // of a 503
};
broker::transport::http_response problem_response(problem const& what, std::string_view path);

// The same for credentials that were refused, with the authenticator's own code: 401; 403 for those
// that are right and banned, 503 for those that nobody could look at.
broker::transport::http_response problem_response(broker::auth_refusal const& refused,
                                                  std::string_view path);

// For somebody who asks too often: 429 with the code rate_limited, Retry-After, and what is allowed
// (draft-ietf-httpapi-ratelimit-headers). `of`: whose limit it is.
broker::transport::http_response too_many_requests(
    broker::limiting::limiter::allowance const& allowed, std::string_view of,
    std::string_view path);

}  // namespace chat::rest
