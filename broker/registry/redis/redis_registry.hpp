#pragma once

#include "broker/ports/cluster_nodes.hpp"
#include "broker/ports/metrics.hpp"
#include "broker/ports/presence.hpp"
#include "broker/ports/registry.hpp"
#include "broker/ports/session_owners.hpp"
#include "broker/ports/user_sessions.hpp"
#include "broker/registry/redis/redis_options.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

// What the nodes of a cluster know of each other, in Redis: who has somebody for a message, who
// owns a SockJS session, who is in a room, which sessions a user has. Everything in it can be made
// again from the nodes. The only header of this folder that others need, with its options.
//
// While Redis is away: enter() is done at once, find() answers nothing, claims are granted, and
// everything is written when Redis is back. find() also answers nothing for as long as a node may
// be missing in Redis: after Redis was found empty or restarted, while a node writes, and while one
// that vanished without a goodbye may still be at work.
// See docs/cluster.md for the keys and docs/decisions/0015 for the thread.

namespace broker {

class redis_registry final : public registry,
                             public session_owners,
                             public presence,
                             public user_sessions,
                             public cluster_nodes {
public:
    // Starts at once, without waiting for Redis. Throws std::invalid_argument when an option makes
    // no sense.
    explicit redis_registry(redis::options options);
    ~redis_registry() override;  // stop(farewell::said)

    redis_registry(redis_registry const&) = delete;
    redis_registry& operator=(redis_registry const&) = delete;

    enum class farewell : std::uint8_t {
        said,  // takes what this node has out of Redis first; for at most command_timeout
        none,  // as if the node had died
    };
    // Whoever waits is answered; what is asked afterwards is answered as if Redis were away.
    void stop(farewell manner = farewell::said);

    void enter(interest what, executor& home, unique_function<void()> done) override;
    void leave(interest const& what) override;
    void find(std::vector<interest> what,
              unique_function<void(std::optional<interested_nodes>)> done) override;

    void claim(std::string session, executor& home,
               unique_function<void(std::optional<session_owner>)> done) override;
    void find(std::string session, executor& home,
              unique_function<void(std::optional<session_owner>)> done) override;
    void release(std::string session) override;

    void enter_room_user(std::string room, std::string user) override;
    void leave_room_user(std::string room, std::string user) override;
    void find_room_users(std::string room, std::size_t most, executor& home,
                         unique_function<void(std::optional<room_presence>)> done) override;

    void enter_session(user_session what, executor& home, unique_function<void()> done) override;
    void leave_session(std::string_view user, std::string_view id) override;
    void find_sessions(std::string user, std::size_t most, executor& home,
                       unique_function<void(found_sessions)> done) override;
    void count_sessions(std::vector<std::string> users, executor& home,
                        unique_function<void(session_counts)> done) override;

    void other_nodes(executor& home,
                     unique_function<void(std::vector<cluster_node>)> done) override;

    // Tells the other nodes whether this one is off the bus: at once, and for as long as it holds.
    void set_off_bus(bool off);

    // Whether what this node writes can be read again, by the connection and the commands of the
    // registry. `done` is told why not, or nothing; on the registry's thread.
    void send_canary(std::uint64_t number, unique_function<void(std::string_view)> done);

    struct figures {
        std::uint64_t commands = 0;  // sent to Redis
        std::uint64_t lookups = 0;   // find() of interests that were put to Redis
        std::uint64_t keys = 0;      // that they asked for
        bool complete = false;       // find() answers: every node is in Redis
        std::size_t nodes = 0;       // at work, this one included; 0 while nobody can be asked
        metrics::histogram_figures latency{};  // of a command
    };
    figures measured() const;

private:
    class worker;
    std::unique_ptr<worker> worker_;
};

}  // namespace broker
