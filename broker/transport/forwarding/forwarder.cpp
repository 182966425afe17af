#include "broker/transport/forwarding/forwarder.hpp"

#include "broker/transport/forwarding/forwarded_request.hpp"
#include "broker/transport/forwarding/idle_connections.hpp"
#include "broker/transport/forwarding/relay.hpp"

#include <memory>
#include <utility>

namespace broker::transport {

forwarder::forwarder(forward_options options) : options_(std::move(options)) {}

forwarder::~forwarder() = default;

void forwarder::forward(http_exchange_ptr exchange, std::string const& address,
                        unique_function<void(forward_failure)> failed) {
    forwarded_.fetch_add(1, std::memory_order_relaxed);
    if (options_.secret.empty() || address.empty()) {
        failed_.fetch_add(1, std::memory_order_relaxed);
        return failed(forward_failure::unreachable);
    }
    if (under_way_.fetch_add(1, std::memory_order_relaxed) >= options_.under_way) {
        ended(false);
        return failed(forward_failure::too_many);
    }
    std::make_shared<relay>(*this, std::move(exchange), std::move(failed))->start(address);
}

bool forwarder::accepts(http_request const& request) const {
    return is_forwarded(request, options_.secret);
}

void forwarder::ended(bool answered) noexcept {
    under_way_.fetch_sub(1, std::memory_order_relaxed);
    if (!answered) failed_.fetch_add(1, std::memory_order_relaxed);
}

forward_counts forwarder::counts() const noexcept {
    return {under_way_.load(std::memory_order_relaxed), forwarded_.load(std::memory_order_relaxed),
            failed_.load(std::memory_order_relaxed), connected_.load(std::memory_order_relaxed)};
}

idle_connections& forwarder::idle(loop& home) {
    auto& slot = idle_.at(home.index());
    if (slot == nullptr) slot = std::make_unique<idle_connections>(home, options_);
    return *slot;
}

}  // namespace broker::transport
