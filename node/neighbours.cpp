#include "node/neighbours.hpp"

#include "broker/bus/local_bus.hpp"
#include "broker/registry/local_registry.hpp"
#include "broker/registry/local_user_sessions.hpp"
#include "broker/registry/redis/redis_registry.hpp"
#include "broker/registry/unlisted_registry.hpp"
#include "node/event_log.hpp"
#include "node/health/monitor.hpp"
#include "node/metrics/collect.hpp"
#include "node/metrics/link_states.hpp"
#include "node/settings_mapping.hpp"
#include "rabbitmq/rabbit_bus.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace node {
namespace {

// Nobody is told before there is somebody to tell, nor after.
class presence_slot {
public:
    using listener = std::function<void(broker::presence_change const&)>;

    void fill(listener who) {
        std::lock_guard const guard(mutex_);
        who_ = std::move(who);
    }
    void tell(broker::presence_change const& change) {
        std::lock_guard const guard(mutex_);
        if (who_) who_(change);
    }

private:
    std::mutex mutex_;
    listener who_;
};

class alone final : public neighbours {
public:
    alone(neighbour_options const& options, broker::server& server)
        : registry_(options.node_id,
                    [this](broker::presence_change const& change) { presence_.tell(change); }),
          user_sessions_(options.node_id, broker::local_user_sessions::setting::alone),
          bus_(server) {}

    broker::bus& bus() override { return bus_; }
    broker::registry& interests() override { return registry_; }
    broker::presence& presence() override { return registry_; }
    broker::user_sessions& user_sessions() override { return user_sessions_; }
    broker::session_owners* session_owners() override { return nullptr; }
    broker::cluster_nodes* nodes() override { return nullptr; }
    broker::send_brake* brake() override { return nullptr; }
    broker::outside* outside() override { return nullptr; }
    void add_metrics(metrics_page&) const override {}
    void start(broker::inbound_handler*, presence_slot::listener on_presence) override {
        presence_.fill(std::move(on_presence));
    }
    void add_links(health::monitor&) override {}
    void stop_consuming() override { presence_.fill({}); }

private:
    presence_slot presence_;
    broker::local_registry registry_;
    broker::local_user_sessions user_sessions_;
    broker::local_bus bus_;
};

// Looks in the store for what may have been lost on the way: often while a link is away, and once
// when one is back.
class repairs {
public:
    repairs(config::settings const& settings, broker::server& server)
        : whole_{settings.cluster.sweep_interval, rounds_to_inboxes_when_well},
          degraded_{settings.cluster.sweep_interval_degraded},
          server_(server),
          registry_up_(!settings.redis.enabled()) {}

    // Once there are shards. Before all links are up for the first time nothing is known to arrive.
    void start() {
        std::lock_guard const guard(mutex_);
        started_ = true;
        server_.set_sweep_pace(degraded_);
    }

    void on_link(bool publisher_up, bool consumer_up) {
        std::lock_guard const guard(mutex_);
        bus_up_ = publisher_up && consumer_up;
        set_pace();
        log_event(bus_up_ ? config::log_level::info : config::log_level::warn,
                  bus_up_ ? "bus_whole" : "bus_degraded",
                  {{"publisher", publisher_up ? "up" : "down"},
                   {"consumer", consumer_up ? "up" : "down"}});
    }

    // Who is told so cannot publish, and all others are blocked like us: the links are up, and
    // nothing comes.
    void on_blocked(bool blocked) {
        std::lock_guard const guard(mutex_);
        blocked_ = blocked;
        set_pace();
    }

    // What another node publishes does not come here for as long as it is cut off from RabbitMQ.
    void on_others_off_bus(bool off) {
        std::lock_guard const guard(mutex_);
        others_off_bus_ = off;
        set_pace();
    }

    void on_registry(broker::redis::state state) {
        std::lock_guard const guard(mutex_);
        registry_up_ = state.up;
        set_pace();
    }

private:
    // The registry may be there before the shards are: start() comes later.
    void set_pace() {
        if (!started_) return;
        bool const all_well = bus_up_ && !others_off_bus_ && !blocked_ && registry_up_;
        server_.set_sweep_pace(all_well ? whole_ : degraded_);
        server_.sweep_now();
    }

    // While all is well only what was on its way when another node lost a link is missing.
    static constexpr unsigned rounds_to_inboxes_when_well = 10;

    broker::sweep_pace whole_;
    broker::sweep_pace degraded_;
    broker::server& server_;
    std::mutex mutex_;  // each link speaks on a thread of its own
    bool started_ = false;
    bool bus_up_ = false;
    bool others_off_bus_ = false;
    bool blocked_ = false;
    bool registry_up_;
};

void log_brake(broker::send_brake::change const& change, std::chrono::milliseconds pace) {
    auto const* const why =
        change.why == broker::send_brake::reason::blocked ? "rabbitmq_blocked" : "backlog";
    if (change.on) {
        log_warning("senders_slowed",
                    {{"because", why}, {"pace_ms", std::to_string(pace.count())}});
        return;
    }
    log_info("senders_free", {{"because", why},
                              {"slowed", std::to_string(change.slowed)},
                              {"ms", std::to_string(change.time.count())}});
}

// Back ends are heard only from when there is somebody to take what they say.
class inbound_slot final : public broker::inbound_handler {
public:
    void fill(broker::inbound_handler* taker) {
        std::lock_guard const guard(mutex_);
        taker_ = taker;
    }
    broker::inbound_verdict accept(std::string_view key, std::string_view body,
                                   bool local) override {
        std::lock_guard const guard(mutex_);
        if (taker_ == nullptr) return broker::inbound_verdict::later("the node is not ready");
        return taker_->accept(key, body, local);
    }

private:
    std::mutex mutex_;
    broker::inbound_handler* taker_ = nullptr;
};

// Who waits for the one canary that is on its way through RabbitMQ.
class canary_slot {
public:
    void expect(std::uint64_t number, health::monitor::reporter done) {
        std::lock_guard const guard(mutex_);
        number_ = number;
        done_ = std::move(done);
    }
    void came(std::uint64_t number) {
        std::optional<health::monitor::reporter> done;
        {
            std::lock_guard const guard(mutex_);
            // One that was given up says nothing of the present.
            if (number_ == number) done.swap(done_);
        }
        if (done) (*done)();
    }

private:
    std::mutex mutex_;
    std::uint64_t number_ = 0;
    std::optional<health::monitor::reporter> done_;
};

class clustered final : public neighbours {
public:
    clustered(config::settings const& settings, neighbour_options const& options,
              broker::server& server)
        : repairs_(settings, server),
          brake_(settings.rabbitmq.sender_pace,
                 [pace = settings.rabbitmq.sender_pace](broker::send_brake::change const& change) {
                     log_brake(change, pace);
                 }),
          local_(options.node_id,
                 [this](broker::presence_change const& change) { presence_.tell(change); }),
          own_sessions_(options.node_id, broker::local_user_sessions::setting::unlisted) {
        if (settings.redis.enabled()) {
            auto how = redis_options_of(settings.redis);
            how.node = options.node_id;
            how.internal_address = options.internal_address;
            how.on_event = [](broker::redis::event const& event) {
                log_relayed(event.name, event.detail);
            };
            how.on_presence = [this](broker::presence_change const& change) {
                presence_.tell(change);
            };
            how.on_state = [this](broker::redis::state state) {
                links_.set_registry(state.up);
                repairs_.on_registry(state);
            };
            how.on_others_off_bus = [this](bool off) { repairs_.on_others_off_bus(off); };
            redis_ = std::make_unique<broker::redis_registry>(std::move(how));
        }
        auto how = rabbitmq_options_of(settings.rabbitmq);
        how.node_id = options.node_id;
        how.on_event = [](rabbitmq::link_event const& event) {
            log_relayed(event.name, event.detail);
        };
        how.on_link = [this](bool publisher_up, bool consumer_up) {
            links_.publisher_up = publisher_up;
            links_.consumer_up = consumer_up;
            repairs_.on_link(publisher_up, consumer_up);
            if (redis_ != nullptr) redis_->set_off_bus(!publisher_up || !consumer_up);
        };
        how.on_canary = [this](std::uint64_t number) { canary_.came(number); };
        how.on_blocked = [this](bool blocked) {
            links_.blocked = blocked;
            brake_.set(broker::send_brake::reason::blocked, blocked);
            repairs_.on_blocked(blocked);
        };
        how.on_backlog = [this](bool over) {
            links_.backlog = over;
            brake_.set(broker::send_brake::reason::backlog, over);
        };
        bus_ =
            std::make_unique<rabbitmq::rabbit_bus>(std::move(how), server, interests(), &inbound_);
    }

    // Whoever publishes through us has ended by now.
    ~clustered() override { log_totals(); }

    broker::bus& bus() override { return *bus_; }
    broker::registry& interests() override {
        if (redis_ == nullptr) return unlisted_;
        return *redis_;
    }
    broker::presence& presence() override {
        if (redis_ == nullptr) return local_;
        return *redis_;
    }
    broker::user_sessions& user_sessions() override {
        if (redis_ == nullptr) return own_sessions_;
        return *redis_;
    }
    broker::session_owners* session_owners() override { return redis_.get(); }
    broker::cluster_nodes* nodes() override { return redis_.get(); }
    broker::send_brake* brake() override { return &brake_; }
    broker::outside* outside() override { return bus_.get(); }
    void add_metrics(metrics_page& to) const override {
        add_bus(to, bus_->count(), links_);
        if (redis_ != nullptr) add_registry(to, redis_->measured(), links_);
    }

    void start(broker::inbound_handler* inbound, presence_slot::listener on_presence) override {
        inbound_.fill(inbound);
        presence_.fill(std::move(on_presence));
        repairs_.start();
        bus_->start();
    }
    void add_links(health::monitor& to) override {
        using health::monitor;
        to.add_link("rabbitmq", monitor::need::can_do_without,
                    [this](std::uint64_t number, monitor::reporter const& done) {
                        canary_.expect(number, done);
                        if (!bus_->send_canary(number)) done("not connected");
                        return true;
                    });
        if (redis_ == nullptr) return;
        auto number = std::make_shared<std::uint64_t>(0);
        to.add_link("redis", monitor::need::can_do_without,
                    health::one_at_a_time([this, number](auto done) {
                        redis_->send_canary(++*number, std::move(done));
                    }));
    }
    void stop_consuming() override {
        if (std::exchange(stopped_, true)) return;
        bus_->stop_consuming();
        inbound_.fill(nullptr);
        presence_.fill({});
    }

private:
    // What the life of this node has cost the others' servers.
    void log_totals() {
        auto const bus = bus_->count();
        log_info("bus_totals", {{"published", std::to_string(bus.published)},
                                {"events", std::to_string(bus.gathered)},
                                {"outside", std::to_string(bus.outside)},
                                {"received_events", std::to_string(bus.received_events)},
                                {"dropped", std::to_string(bus.dropped)},
                                {"lost_links", std::to_string(bus.lost_links)}});
        if (redis_ == nullptr) return;
        auto const registry = redis_->measured();
        log_info("registry_totals", {{"commands", std::to_string(registry.commands)},
                                     {"lookups", std::to_string(registry.lookups)}});
    }

    bool stopped_ = false;
    link_states links_;
    canary_slot canary_;
    repairs repairs_;
    broker::send_brake brake_;
    presence_slot presence_;
    inbound_slot inbound_;
    broker::unlisted_registry unlisted_;
    broker::local_registry local_;
    broker::local_user_sessions own_sessions_;
    std::unique_ptr<broker::redis_registry> redis_;
    std::unique_ptr<rabbitmq::rabbit_bus> bus_;
};

}  // namespace

std::unique_ptr<neighbours> make_neighbours(config::settings const& settings,
                                            neighbour_options const& options,
                                            broker::server& server) {
    if (!settings.clustered()) return std::make_unique<alone>(options, server);
    return std::make_unique<clustered>(settings, options, server);
}

}  // namespace node
