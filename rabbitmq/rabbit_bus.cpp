#include "rabbitmq/rabbit_bus.hpp"

#include "rabbitmq/consumer.hpp"
#include "rabbitmq/event_router.hpp"
#include "rabbitmq/publisher.hpp"
#include "rabbitmq/topology.hpp"
#include "rabbitmq/topology_doubt.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace rabbitmq {
namespace {

options checked(options all) {
    check_node_id(all.node_id);
    return all;
}

gathering_limits limits_of(options const& all) {
    return {.open_batches = all.open_publishes,
            .pace = all.pace,
            .batch_count = all.batch_count,
            .batch_bytes = all.batch_bytes,
            .waiting_bytes = all.waiting_bytes};
}

// Tells the node about both links together, in the order of what happens.
class link_reporter {
public:
    explicit link_reporter(std::function<void(bool, bool)> tell) : tell_(std::move(tell)) {}

    void publisher(bool up) { set(publisher_, up); }
    void consumer(bool up) { set(consumer_, up); }

private:
    void set(bool& which, bool up) {
        std::lock_guard const lock(mutex_);
        if (which == up) return;
        which = up;
        if (tell_) tell_(publisher_, consumer_);
    }

    std::mutex mutex_;
    bool publisher_ = false;
    bool consumer_ = false;
    std::function<void(bool, bool)> const tell_;
};

}  // namespace

class rabbit_bus::state {
public:
    state(options given, broker::event_sink& local, broker::registry& registry,
          broker::inbound_handler* inbound)
        : all(checked(std::move(given))),
          sink(local),
          reporter(all.on_link),
          publisher_wake(std::make_shared<wake_up>()),
          consumer_wake(std::make_shared<wake_up>()),
          doubt(consumer_wake),
          router(std::make_shared<event_router>(
              all.node_id, registry, limits_of(all), publisher_wake,
              backlog_watch{.bytes = all.backlog_bytes, .tell = all.on_backlog})),
          out(all, router, publisher_wake, [this](bool up) { reporter.publisher(up); }),
          in(all, local, inbound, out, doubt, consumer_wake,
             [this](bool up) { reporter.consumer(up); }) {}

    options const all;
    broker::event_sink& sink;
    link_reporter reporter;
    std::shared_ptr<wake_up> publisher_wake;
    std::shared_ptr<wake_up> consumer_wake;
    topology_doubt doubt;
    std::shared_ptr<event_router> router;
    // The consumer ends first: it gives its dead letters to the publisher.
    publisher out;
    consumer in;
};

rabbit_bus::rabbit_bus(options all, broker::event_sink& sink, broker::registry& registry,
                       broker::inbound_handler* inbound)
    : state_(std::make_unique<state>(std::move(all), sink, registry, inbound)) {}

rabbit_bus::~rabbit_bus() = default;

void rabbit_bus::start() {
    state_->out.start();
    state_->in.start();
}

void rabbit_bus::stop_consuming() {
    state_->in.stop();
}

void rabbit_bus::publish(std::vector<broker::bus_event> events) {
    state_->router->publish(events);
    state_->sink.on_events(std::move(events));
}

void rabbit_bus::publish(std::vector<broker::outside_event> events,
                         broker::unique_function<void(bool)> done) {
    std::vector<persistent_message> messages;
    messages.reserve(events.size());
    for (auto& event : events) {
        messages.push_back({.exchange = std::string(exchange_name),
                            .routing_key = std::move(event.routing_key),
                            .content_type = std::string(json_content_type),
                            .type = std::move(event.type),
                            .id = std::move(event.id),
                            .body = std::move(event.body)});
    }
    state_->out.publish(std::move(messages), std::move(done));
}

bool rabbit_bus::send_canary(std::uint64_t number) {
    state_->doubt.canary_goes(number);
    if (state_->router->send_canary(number)) return true;
    state_->doubt.canary_is_over(number);
    return false;
}

counters rabbit_bus::count() const {
    counters all{};
    state_->out.count(all);
    state_->in.count(all);
    return all;
}

}  // namespace rabbitmq
