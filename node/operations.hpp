#pragma once

#include "broker/transport/http.hpp"
#include "config/settings.hpp"

#include <functional>
#include <memory>
#include <string>

// The operations listener: HTTP for the operator's own network, apart from where clients come.
//
// It has a loop and a thread of its own, so that a question is answered while the shards are busy,
// or stand still, and costs them nothing. Whoever serves something there adds a route before
// start(); handlers run on that thread and must not ask for server::here(). Open until the end of a
// drain. Made and destroyed on the main thread; what the handlers use outlives it.

namespace node {

class metrics_page;

class operations {
public:
    explicit operations(config::settings const& settings);
    ~operations();  // no handler runs afterwards
    operations(operations const&) = delete;
    operations& operator=(operations const&) = delete;

    // Whether there is such a listener; without it nothing below does anything.
    bool enabled() const noexcept;

    broker::transport::http_routes& routes() noexcept;

    // Adds GET /metrics: `collect` fills the page, on the operations thread.
    void serve_metrics(std::function<void(metrics_page&)> collect);

    // Listens and serves. Throws std::runtime_error when the address cannot be had.
    void start();

    // "http://127.0.0.1:9464", with the port it really has; empty before start().
    std::string const& address() const noexcept;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace node
