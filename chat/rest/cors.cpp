#include "chat/rest/cors.hpp"

#include <utility>

namespace chat::rest {

void respond(broker::transport::http_exchange& exchange,
             broker::transport::http_response response) {
    if (auto const origin = exchange.request().header("Origin")) {
        response.headers.push_back({"Access-Control-Allow-Origin", std::string(*origin)});
        response.headers.push_back({"Access-Control-Expose-Headers",
                                    "Location, Retry-After, RateLimit, RateLimit-Policy, "
                                    "X-Request-Id"});
        response.headers.push_back({"Vary", "Origin"});
    }
    // Data for programs: a browser shall neither guess what else it might be nor show it as a page.
    response.headers.push_back({"X-Content-Type-Options", "nosniff"});
    response.headers.push_back(
        {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"});
    response.headers.push_back({"Referrer-Policy", "no-referrer"});
    response.headers.push_back({"X-Request-Id", exchange.request().id});
    exchange.respond(std::move(response));
}

void respond_to_options(broker::transport::http_exchange& exchange, std::string allow) {
    broker::transport::http_response response;
    response.status = 204;
    if (exchange.request().header("Origin")) {
        response.headers = {{"Access-Control-Allow-Methods", allow},
                            {"Access-Control-Allow-Headers",
                             "Authorization, Content-Type, Idempotency-Key, X-User-Id, "
                             "X-Request-Id, traceparent, tracestate"},
                            {"Access-Control-Max-Age", "600"}};
    }
    response.headers.push_back({"Allow", std::move(allow)});
    respond(exchange, std::move(response));
}

}  // namespace chat::rest
