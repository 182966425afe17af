#include "node/health/canaries.hpp"

#include "chat/errors.hpp"
#include "node/event_log.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

namespace node::health {
namespace {

void log_change(std::string_view link, link_change const& change) {
    if (change.state == link_state::well) {
        log_info("link_well",
                 {{"link", link}, {"ill_for_ms", std::to_string(change.lasted.count())}});
        return;
    }
    log_warning("link_ill", {{"link", link}, {"error", change.error}});
}

// The store's answer to a job.
auto told_to(std::function<void(std::string_view)> done) {
    return [done = std::move(done)](boost::system::error_code failed) {
        done(failed ? failed.message() : std::string());
    };
}

}  // namespace

monitor::options monitor_options_of(config::health_settings const& from) {
    std::chrono::milliseconds const patience = from.startup_patience;
    monitor::options out;
    out.links = {
        .interval = from.canary_interval, .timeout = from.canary_timeout, .patience = patience};
    out.loops = {
        .interval = from.canary_interval, .timeout = from.loop_timeout, .patience = patience};
    out.on_change = log_change;
    return out;
}

void watch_loops(monitor& by, broker::transport::transport_server& loops) {
    for (std::size_t i = 0; i != loops.loop_count(); ++i) {
        auto ping = [&loop = loops.loop_at(i)](std::function<void(std::string_view)> done) {
            loop.post([done = std::move(done)] { done({}); });
        };
        by.add_loop("shard-" + std::to_string(i), one_at_a_time(std::move(ping)));
    }
}

void watch_store(monitor& by, config::health_settings const& how, chat::message_writer& writer,
                 chat::store& store) {
    auto const need =
        how.ready_without_store ? monitor::need::can_do_without : monitor::need::needed;
    by.add_link("store.writer", need,
                one_at_a_time([&writer](std::function<void(std::string_view)> done) {
                    writer.probe(told_to(std::move(done)));
                }));
    by.add_link("store.readers", need,
                one_at_a_time([&store](std::function<void(std::string_view)> done) {
                    auto const look = [](chat::unit_of_work& unit) {
                        unit.any_room();
                        return true;
                    };
                    store.run(chat::access::read_only, look, told_to(std::move(done)));
                }));
}

}  // namespace node::health
