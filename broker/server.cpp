#include "broker/server.hpp"

#include "broker/drain_pace.hpp"
#include "broker/shard.hpp"

#include <algorithm>
#include <condition_variable>
#include <future>
#include <iterator>
#include <mutex>
#include <utility>

namespace broker {
namespace {

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

// What a shard's own sessions publish in a turn, on its way to the other shards: one wake-up, one
// allocation and one piece of posted work for all of it.
class server::courier final : public transport::flushable {
public:
    courier(server& owner, shard& from) : owner_(owner), from_(from) {}

    void take(std::vector<bus_event> events) {
        from_.deliver(events);
        if (events_.empty()) {
            events_ = std::move(events);
            from_.loop().flush_first(*this);
        } else {
            std::ranges::move(events, std::back_inserter(events_));
        }
    }

    void flush() override {
        owner_.post(std::make_shared<std::vector<bus_event> const>(std::exchange(events_, {})),
                    &from_);
    }

private:
    server& owner_;
    shard& from_;
    std::vector<bus_event> events_;
};

server::server() = default;
server::~server() = default;

void server::start(std::span<transport::loop* const> loops, services const& node,
                   std::string const& node_tag) {
    for (std::size_t i = 0; i < loops.size(); ++i) {
        shards_.push_back(
            std::make_unique<shard>(*loops[i], node, node_tag + std::to_string(i) + "-"));
        couriers_.push_back(std::make_unique<courier>(*this, *shards_.back()));
    }
}

void server::on_events(std::vector<bus_event> events) {
    auto* const current = transport::loop::current();
    if (shards_.size() == 1 && current == &shards_.front()->loop()) {
        shards_.front()->deliver(events);
        return;
    }
    for (std::size_t i = 0; i != shards_.size(); ++i) {
        if (current == &shards_[i]->loop()) return couriers_[i]->take(std::move(events));
    }
    post(std::make_shared<std::vector<bus_event> const>(std::move(events)), nullptr);
}

void server::post(std::shared_ptr<std::vector<bus_event> const> const& events, shard const* but) {
    for (auto const& each : shards_) {
        if (each.get() == but) continue;
        each->loop().post([where = each.get(), events] { where->deliver(*events); });
    }
}

void server::set_sweep_pace(sweep_pace pace) {
    for (auto const& each : shards_) {
        each->loop().post([where = each.get(), pace] { where->set_sweep_pace(pace); });
    }
}

void server::sweep_now() {
    for (auto const& each : shards_) each->loop().post([where = each.get()] { where->sweep(); });
}

shard& server::here() noexcept {
    return *shards_[transport::loop::current()->index()];
}

std::size_t server::close_all(farewell plan, std::chrono::milliseconds patience) {
    struct countdown {
        std::mutex mutex;
        std::condition_variable changed;
        std::size_t shards_left;
    };
    auto const state = std::make_shared<countdown>();
    state->shards_left = shards_.size();
    auto const empty = [state] {
        std::lock_guard const guard(state->mutex);
        if (--state->shards_left == 0) state->changed.notify_all();
    };
    for (auto const& each : shards_) {
        on_shard(*each, [this, &plan, &empty, patience](shard& where) {
            auto own = plan;
            own.sessions_per_second = told_each_second(plan.sessions_per_second, shards_.size(),
                                                       where.session_count(), patience);
            where.close_everyone(std::move(own), empty);
            return where.session_count();
        });
    }
    {
        std::unique_lock guard(state->mutex);
        state->changed.wait_for(guard, patience, [&] { return state->shards_left == 0; });
    }
    std::size_t left = 0;
    for (auto const& each : shards_) {
        left += on_shard(*each, [](shard& where) { return where.session_count(); });
    }
    return left;
}

}  // namespace broker
