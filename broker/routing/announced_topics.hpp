#pragma once

#include "broker/ports/registry.hpp"
#include "broker/ports/sequenced_topics.hpp"

#include <string>
#include <utility>
#include <vector>

// Sequenced topics that are opened only after the registry knows that this node wants their
// messages: where a topic stands is read when every later message finds its way here. Whoever opens
// a topic leaves it in the registry when its subscription ends, or was refused. One per shard.

namespace broker::routing {

class announced_topics final : public sequenced_topics {
public:
    // Both outlive us.
    announced_topics(sequenced_topics& topics, registry& interests)
        : topics_(topics), interests_(interests) {}

    bool owns(std::string_view destination) const override { return topics_.owns(destination); }

    std::string_view room_of(std::string_view destination) const override {
        return topics_.room_of(destination);
    }

    std::string_view access_ended_by(message const& what) const override {
        return topics_.access_ended_by(what);
    }

    void open(std::string destination, principal_ptr caller, executor& home,
              unique_function<void(open_outcome)> done) override {
        interest wanted{interest_kind::topic, destination};
        auto entered = [this, destination = std::move(destination), caller = std::move(caller),
                        &home, done = std::move(done)]() mutable {
            topics_.open(std::move(destination), std::move(caller), home, std::move(done));
        };
        interests_.enter(std::move(wanted), home, std::move(entered));
    }

    void read_after(std::string destination, std::uint64_t after, std::size_t limit, executor& home,
                    unique_function<void(history_outcome)> done) override {
        topics_.read_after(std::move(destination), after, limit, home, std::move(done));
    }

    void last_seqs(std::vector<std::string> destinations, executor& home,
                   unique_function<void(last_seqs_outcome)> done) override {
        topics_.last_seqs(std::move(destinations), home, std::move(done));
    }

private:
    sequenced_topics& topics_;
    registry& interests_;
};

}  // namespace broker::routing
