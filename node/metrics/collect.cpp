#include "node/metrics/collect.hpp"

#include <chrono>
#include <concepts>
#include <cstddef>

namespace node {
namespace {

template <typename Number>
double number(Number value) {
    return static_cast<double>(value);
}

double flag(bool value) {
    return value ? 1 : 0;
}

double seconds(std::chrono::duration<double> time) {
    return time.count();
}

}  // namespace

void add_process(metrics_page& to, process_figures const& figures) {
    to.add(metric::process_cpu, figures.cpu_seconds);
    to.add(metric::process_resident, number(figures.resident_bytes));
    to.add(metric::process_virtual, number(figures.virtual_bytes));
    to.add(metric::process_open_fds, number(figures.open_fds));
    to.add(metric::process_max_fds, number(figures.max_fds));
    to.add(metric::process_threads, number(figures.threads));
    to.add(metric::process_start, figures.start_seconds);
}

void add_health(metrics_page& to, health::monitor::summary const& known) {
    for (auto const state : health::ready_statuses) {
        to.add(metric::node_state, flag(known.status == state), {state});
    }
    for (auto const* some : {&known.loops, &known.links}) {
        for (auto const& each : *some) {
            auto const& of = each.of;
            auto const success = of.last_success.value_or(health::wall_clock::time_point{});
            to.add(metric::link_up, flag(of.state == health::link_state::well), {each.name});
            to.add(metric::link_round_trip, seconds(of.round_trip), {each.name});
            to.add(metric::link_last_success, seconds(success.time_since_epoch()), {each.name});
        }
    }
}

void add_auth(metrics_page& to, counting_authenticator const& figures,
              broker::limiting::limiter const& limits) {
    namespace limiting = broker::limiting;
    to.add(metric::auth_accepted, number(figures.accepted()));
    for (std::size_t i = 0; i < counting_authenticator::reasons.size(); ++i) {
        auto const reason = counting_authenticator::reasons[i];
        auto refused = figures.refused(i);
        for (std::size_t j = 0; j < limiting::login_limit_codes.size(); ++j) {
            if (limiting::login_limit_codes[j] == reason) {
                refused += limits.refused_logins(static_cast<limiting::login_limit>(j));
            }
        }
        to.add(metric::auth_refused, number(refused), {reason});
    }
}

void add_limits(metrics_page& to, broker::limiting::limiter const& figures) {
    for (std::size_t i = 0; i < broker::limiting::limited_count; ++i) {
        auto const what = static_cast<broker::limiting::limited>(i);
        to.add(metric::limited, number(figures.counted(what)), {broker::limiting::label(what)});
    }
}

void add_store(metrics_page& to, persistence::storage_figures const& figures) {
    to.add(metric::store_commit, figures.commit_seconds.figures());
    to.add(metric::store_batch, figures.batch_messages.figures());
    to.add(metric::store_messages, number(figures.stored.value()), {"stored"});
    to.add(metric::store_messages, number(figures.repeated.value()), {"repeated"});
    to.add(metric::store_messages, number(figures.refused.value()), {"refused"});
    to.add(metric::store_messages, number(figures.failed.value()), {"failed"});
    to.add(metric::store_messages, number(figures.turned_away.value()), {"turned_away"});
    to.add(metric::store_queue_messages, number(figures.waiting_messages.value()));
    to.add(metric::store_queue_bytes, number(figures.waiting_bytes.value()));
    to.add(metric::store_connects, number(figures.connects.value()));
    to.add(metric::store_jobs, number(figures.jobs_done.value()), {"done"});
    to.add(metric::store_jobs, number(figures.jobs_failed.value()), {"failed"});
    to.add(metric::store_jobs_seconds, number(figures.job_microseconds.value()) / 1e6);
    to.add(metric::store_jobs_waiting,
           number(figures.waiting_jobs.load(std::memory_order_relaxed)));
}

void add_outbox(metrics_page& to, chat::relay_counts const& figures) {
    to.add(metric::outbox_published, number(figures.published));
    to.add(metric::outbox_failed, number(figures.failed));
    to.add(metric::outbox_waiting, number(figures.waiting));
    to.add(metric::outbox_oldest, seconds(figures.oldest_age));
}

void add_bus(metrics_page& to, rabbitmq::counters const& figures, link_states const& links) {
    to.add(metric::bus_link_up, flag(links.publisher_up), {"publisher"});
    to.add(metric::bus_link_up, flag(links.consumer_up), {"consumer"});
    to.add(metric::bus_connects, number(figures.connects));
    to.add(metric::bus_losses, number(figures.lost_links));
    to.add(metric::bus_blocked, flag(links.blocked));
    to.add(metric::bus_publishes, number(figures.published));
    to.add(metric::bus_confirms, number(figures.confirmed), {"confirmed"});
    to.add(metric::bus_confirms, number(figures.unconfirmed), {"unconfirmed"});
    to.add(metric::bus_confirm_latency, figures.confirm_seconds);
    to.add(metric::bus_events_sent, number(figures.gathered));
    to.add(metric::bus_events_received, number(figures.received_events));
    to.add(metric::bus_events_dropped, number(figures.dropped));
    to.add(metric::bus_waiting, number(figures.waiting_bytes));
    to.add(metric::bus_inbound, number(figures.inbound));
    to.add(metric::bus_retried, number(figures.retried));
    to.add(metric::bus_dead_lettered, number(figures.dead_lettered));
    to.add(metric::senders_slowed, flag(links.blocked), {"blocked"});
    to.add(metric::senders_slowed, flag(links.backlog), {"backlog"});
}

void add_registry(metrics_page& to, broker::redis_registry::figures const& figures,
                  link_states const& links) {
    to.add(metric::registry_up, flag(links.registry_up));
    to.add(metric::registry_complete, flag(figures.complete));
    to.add(metric::registry_losses, number(links.registry_losses.value()));
    to.add(metric::registry_commands, number(figures.commands));
    to.add(metric::registry_latency, figures.latency);
    to.add(metric::registry_lookups, number(figures.lookups));
    to.add(metric::registry_keys, number(figures.keys));
    to.add(metric::cluster_nodes, number(figures.nodes));
}

}  // namespace node
