#include "node/health/health_routes.hpp"

#include <string>
#include <utility>

namespace node::health {
namespace {

using broker::transport::http_exchange_ptr;
using broker::transport::text_response;

void add(broker::transport::http_routes& routes, std::string path, monitor const& of,
         monitor::page (monitor::*page)() const) {
    routes.add(
        std::move(path),
        [&of, page](http_exchange_ptr const& exchange) {
            auto const& method = exchange->request().method;
            if (method != "GET" && method != "HEAD") {
                auto refused = text_response(405, "Only GET and HEAD.\n");
                refused.headers.push_back({"Allow", "GET, HEAD"});
                return exchange->respond(std::move(refused));
            }
            auto says = (of.*page)();
            auto answer =
                text_response(says.good ? 200 : 503, std::move(says.json), "application/json");
            answer.headers.push_back({"Cache-Control", "no-store"});
            answer.headers.push_back({"X-Request-Id", exchange->request().id});
            exchange->respond(std::move(answer));
        },
        broker::http_route_group::health);
}

}  // namespace

void add_health_routes(broker::transport::http_routes& routes, monitor const& of) {
    add(routes, "/health/live", of, &monitor::live);
    add(routes, "/health/ready", of, &monitor::ready);
    add(routes, "/health/startup", of, &monitor::startup);
}

}  // namespace node::health
