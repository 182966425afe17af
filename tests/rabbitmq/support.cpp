#include "tests/rabbitmq/support.hpp"

#include "rabbitmq/topology.hpp"

#include <poll.h>
#include <algorithm>
#include <variant>

namespace tests {

using namespace std::chrono_literals;

broker::inbound_verdict recording_handler::accept(std::string_view routing_key,
                                                  std::string_view body, bool local) {
    auto const offer = std::string(routing_key) + " " + std::string(body);
    auto const before = std::ranges::count(offers_.all(), offer + (local ? " local" : ""));
    offers_.add(offer + (local ? " local" : ""));
    if (body.starts_with("bad:")) return broker::inbound_verdict::bad("no such room");
    if (body.starts_with("later:") || (body.starts_with("later2:") && before < 2)) {
        return broker::inbound_verdict::later("the store is away");
    }
    if (body.starts_with("throw:")) throw std::runtime_error("thrown");
    return broker::inbound_verdict::ok();
}

void over_tls(rabbitmq::options& options) {
    options.urls = {rabbitmq_server::shared().tls_url()};
    options.ca_file = rabbitmq_server::shared().certificate_file();
}

test_node::test_node(std::string id, broker::inbound_handler* inbound,
                     std::function<void(rabbitmq::options&)> const& change) {
    rabbitmq::options options;
    options.node_id = std::move(id);
    options.urls = {rabbitmq_server::shared().url()};
    options.backoff_shortest = 20ms;
    options.backoff_longest = 200ms;
    options.retry_delays = {20ms, 30ms, 40ms};
    // What a test began is finished, or the next one would meet it.
    options.drain_timeout = 30s;
    options.on_link = [this](bool out, bool in) { links.add({out, in}); };
    options.on_blocked = [this](bool is_blocked) { blocked.add(is_blocked); };
    options.on_backlog = [this](bool is_over) { backlog.add(is_over); };
    options.on_canary = [this](std::uint64_t number) { canaries.add(number); };
    options.on_event = [this](rabbitmq::link_event const& event) {
        log.add(std::string(event.name) + ": " + event.detail);
    };
    if (change) change(options);
    bus_ = std::make_unique<rabbitmq::rabbit_bus>(std::move(options), sink, registry, inbound);
    bus_->start();
}

namespace {

constexpr rabbitmq::channel_number channel = 2;

}  // namespace

test_client::test_client()
    : connection_(rabbitmq::parse_address(rabbitmq_server::shared().url(), ""),
                  {.name = "test", .ca_file = {}}) {
    rabbitmq::declare_shared(connection_);
    connection_.open_channel(channel);
}

void test_client::consume(std::string const& queue) {
    connection_.consume(channel, queue, 100);
}

void test_client::subscribe(std::string const& key) {
    auto const queue = "test." + key;
    connection_.declare_own_queue(queue, 1'000'000);
    connection_.bind(queue, rabbitmq::exchange_name, key);
    consume(queue);
}

void test_client::publish(rabbitmq::publication const& what) {
    connection_.publish(channel, what);
}

std::optional<rabbitmq::delivery> test_client::wait_for_delivery() {
    auto const deadline = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < deadline) {
        if (auto got = connection_.next()) {
            auto* const message = std::get_if<rabbitmq::delivery>(&*got);
            if (message == nullptr) continue;
            connection_.acknowledge(channel, message->tag, false);
            return std::move(*message);
        }
        pollfd waiting{connection_.socket(), POLLIN, 0};
        poll(&waiting, 1, 1000);
    }
    return std::nullopt;
}

std::string header(rabbitmq::delivery const& of, std::string_view name) {
    for (auto const& [key, value] : of.headers) {
        if (key == name) return value;
    }
    return "missing";
}

}  // namespace tests
