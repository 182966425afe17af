#include "broker/server.hpp"

#include "broker/shard.hpp"

#include <future>
#include <thread>
#include <utility>

namespace broker {
namespace {

// How often close_all looks whether everybody has left.
constexpr std::chrono::milliseconds look_every{20};

// Runs `ask` on the shard and waits for its answer.
template <typename Ask>
auto on_shard(shard& where, Ask ask) {
    std::promise<std::size_t> answered;
    auto answer = answered.get_future();
    where.loop().post([&where, ask = std::move(ask), answered = std::move(answered)]() mutable {
        answered.set_value(ask(where));
    });
    return answer.get();
}

}  // namespace

server::server() = default;
server::~server() = default;

void server::start(std::span<transport::loop* const> loops, services const& node,
                   std::string const& node_tag) {
    for (std::size_t i = 0; i < loops.size(); ++i) {
        shards_.push_back(
            std::make_unique<shard>(*loops[i], node, node_tag + std::to_string(i) + "-"));
    }
}

void server::on_events(std::vector<bus_event> events) {
    auto* const current = transport::loop::current();
    if (shards_.size() == 1 && current == &shards_.front()->loop()) {
        shards_.front()->deliver(events);
        return;
    }
    auto const shared = std::make_shared<std::vector<bus_event> const>(std::move(events));
    for (auto const& each : shards_) {
        if (current == &each->loop()) {
            each->deliver(*shared);
        } else {
            each->loop().post([where = each.get(), shared] { where->deliver(*shared); });
        }
    }
}

void server::sweep_every(std::chrono::milliseconds interval) {
    for (auto const& each : shards_) {
        each->loop().post([where = each.get(), interval] { where->set_sweep_interval(interval); });
    }
}

void server::sweep_now() {
    for (auto const& each : shards_) each->loop().post([where = each.get()] { where->sweep(); });
}

shard& server::here() noexcept {
    return *shards_[transport::loop::current()->index()];
}

std::size_t server::close_all(close_reason reason, std::string_view detail,
                              std::chrono::milliseconds patience) {
    for (auto const& each : shards_) {
        on_shard(*each, [reason, text = std::string(detail)](shard& where) {
            return where.close_some(where.session_count(), reason, text);
        });
    }
    auto const deadline = std::chrono::steady_clock::now() + patience;
    for (;;) {
        std::size_t left = 0;
        for (auto const& each : shards_) {
            left += on_shard(*each, [](shard& where) { return where.session_count(); });
        }
        if (left == 0 || std::chrono::steady_clock::now() >= deadline) return left;
        std::this_thread::sleep_for(look_every);
    }
}

}  // namespace broker
