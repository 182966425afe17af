#include "tests/transport/test_server.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <stdexcept>

namespace transport_test {

void event_log::add(std::string event) {
    std::lock_guard const lock(mutex_);
    events_.push_back(std::move(event));
    changed_.notify_all();
}

bool event_log::wait_for(std::string const& event) {
    std::unique_lock lock(mutex_);
    std::vector<std::string>::iterator found;
    auto const there = [&] {
        found = std::find(events_.begin(), events_.end(), event);
        return found != events_.end();
    };
    if (!changed_.wait_for(lock, std::chrono::seconds(20), there)) return false;
    events_.erase(found);
    return true;
}

std::vector<std::string> event_log::all() const {
    std::lock_guard const lock(mutex_);
    return events_;
}

test_server::test_server(net::transport_options options, net::listener_options listener)
    : server_(std::move(options)), listener_(std::move(listener)) {}

test_server::~test_server() {
    server_.stop();
}

void test_server::start() {
    auto const port = server_.listen(listener_, routes_);
    if (!port) throw std::runtime_error("listen: " + port.error().message());
    port_ = *port;
    server_.start();
}

net::http_handler echo_route(net::websocket_options options, event_log* log) {
    return [options, log](net::http_exchange_ptr const& exchange) {
        if (!exchange->is_websocket_upgrade()) {
            return exchange->respond(net::text_response(400, "not an upgrade\n"));
        }
        exchange->accept_websocket({}, options, std::make_unique<echo>(log));
    };
}

net::http_handler scripted_route(event_log& log, net::websocket_options options,
                                 scripted::on_text act) {
    return [&log, options, act = std::move(act)](net::http_exchange_ptr const& exchange) {
        exchange->accept_websocket({}, options, std::make_unique<scripted>(log, act));
    };
}

}  // namespace transport_test
