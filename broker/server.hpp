#pragma once

#include "broker/close_reason.hpp"
#include "broker/ports/bus.hpp"
#include "broker/services.hpp"
#include "broker/sweep_pace.hpp"
#include "broker/transport/loop.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

// The node's engine: one shard on each loop, and the way for what a bus brings to all of them.

namespace broker {

class shard;
struct farewell;

class server final : public event_sink {
public:
    server();
    ~server() override;
    server(server const&) = delete;
    server& operator=(server const&) = delete;

    // Makes the shards. Once, before the loops run; they and the services outlive us. `node_tag`
    // begins every session id and differs from node to node.
    void start(std::span<transport::loop* const> loops, services const& node,
               std::string const& node_tag);

    // event_sink: any thread. For the shard that calls at once; for the others when its turn ends,
    // before any client hears of that turn.
    void on_events(std::vector<bus_event> events) override;

    // Looks in the store for what the bus did not bring: so often; and once now. Any thread.
    void set_sweep_pace(sweep_pace pace);
    void sweep_now();

    // The shard of the loop that the caller runs on.
    shard& here() noexcept;

    std::size_t shard_count() const noexcept { return shards_.size(); }
    shard& shard_at(std::size_t index) noexcept { return *shards_[index]; }

    // Asks every session to leave, the sessions of `plan` a second over all shards (or more, so
    // that all are told within the patience), and answers when none is left or `patience` is over,
    // with the number of those that are left. Not from a shard.
    std::size_t close_all(farewell plan, std::chrono::milliseconds patience);

private:
    class courier;

    void post(std::shared_ptr<std::vector<bus_event> const> const& events, shard const* but);

    std::vector<std::unique_ptr<shard>> shards_;
    std::vector<std::unique_ptr<courier>> couriers_;  // of each shard
};

}  // namespace broker
