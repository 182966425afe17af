#include "node/operations.hpp"

#include "broker/transport/transport_server.hpp"
#include "config/listen_address.hpp"
#include "node/event_log.hpp"
#include "node/metrics/page.hpp"
#include "node/settings_mapping.hpp"

#include <optional>
#include <stdexcept>
#include <utility>

namespace node {
namespace {

using broker::transport::http_exchange_ptr;
using broker::transport::text_response;

broker::transport::transport_options options_of(config::settings const& from) {
    auto out = transport_options_of(from);
    out.loops = 1;
    out.max_connections = 256;
    out.thread_name = "operations";
    return out;
}

}  // namespace

struct operations::impl {
    explicit impl(config::settings const& from)
        : listen(config::parse_listen_address(from.operations.listen)) {
        if (listen) server.emplace(options_of(from));
    }

    std::optional<config::listen_address> listen;  // none: there is no listener
    broker::transport::http_routes routes;
    std::optional<broker::transport::transport_server> server;
    std::string address;
};

operations::operations(config::settings const& settings)
    : impl_(std::make_unique<impl>(settings)) {}

operations::~operations() = default;

bool operations::enabled() const noexcept {
    return impl_->listen.has_value();
}

broker::transport::http_routes& operations::routes() noexcept {
    return impl_->routes;
}

void operations::serve_metrics(std::function<void(metrics_page&)> collect) {
    auto answer = [collect = std::move(collect)](http_exchange_ptr const& exchange) {
        auto const& method = exchange->request().method;
        if (method != "GET" && method != "HEAD") {
            auto refusal = text_response(405, "Only GET and HEAD.\n");
            refusal.headers.push_back({"Allow", "GET, HEAD"});
            return exchange->respond(std::move(refusal));
        }
        metrics_page page;
        collect(page);
        auto response = text_response(200, page.text(), std::string(metrics_page::content_type));
        response.headers.push_back({"Cache-Control", "no-store"});
        exchange->respond(std::move(response));
    };
    impl_->routes.add("/metrics", std::move(answer), broker::http_route_group::operations);
}

void operations::start() {
    if (!enabled()) return;
    auto real = *impl_->listen;
    auto const port =
        impl_->server->listen({.address = real.host, .port = real.port}, impl_->routes);
    if (!port) {
        throw std::runtime_error("cannot listen on " + to_string(real) + ": " +
                                 port.error().message());
    }
    real.port = *port;
    impl_->address = "http://" + to_string(real);
    log_info("listening",
             {{"address", to_string(real)}, {"protocol", "operations"}, {"tls", "no"}});
    impl_->server->start();
}

std::string const& operations::address() const noexcept {
    return impl_->address;
}

}  // namespace node
