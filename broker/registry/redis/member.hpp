#pragma once

#include "broker/ports/cluster_nodes.hpp"
#include "broker/ports/executor.hpp"
#include "broker/ports/registry.hpp"
#include "broker/ports/session_owners.hpp"
#include "broker/ports/user_sessions.hpp"
#include "broker/registry/redis/cluster_view.hpp"
#include "broker/registry/redis/connection.hpp"
#include "broker/registry/redis/connector.hpp"
#include "broker/registry/redis/holdings.hpp"
#include "broker/registry/redis/lookups.hpp"
#include "broker/registry/redis/redis_options.hpp"
#include "broker/registry/redis/scripts.hpp"
#include "broker/registry/session_table.hpp"

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// This node among the others in Redis: it joins, writes what it has, confirms that it has written
// it, renews its lease, looks at the others, and sweeps after those that are gone. With each
// connection, and whenever the lease or the data are lost, it joins anew under a new epoch and
// writes everything again.
// Used by the registry's thread only; time comes from the caller.

namespace broker::redis {

class member {
public:
    // `reconnect` asks for connected() or unreachable() to be called.
    member(options const& given, std::function<void()> reconnect);  // the options outlive us

    void connected(established link, clock::time_point now);
    void unreachable(std::string const& why);  // goes on being tried
    void master_moved(std::string const& place);

    // What holds up to now: answers that came, what is due, what is to be sent.
    void turn(bool readable, clock::time_point now);
    clock::time_point next_turn() const;
    connection* link() const noexcept { return connection_.get(); }
    // Takes this node out of Redis, as far as that can be done until then.
    void say_goodbye(clock::time_point until);
    // Nothing is asked any more; whoever waits is answered.
    void end();

    void enter(interest const& what, executor& home, unique_function<void()> done);
    void leave(interest const& what);
    void find(std::vector<interest> what, lookups::answer done);

    using owner_answer = unique_function<void(std::optional<session_owner>)>;
    void claim(std::string const& session, executor& home, owner_answer done);
    void find_owner(std::string const& session, executor& home, owner_answer done);
    void release(std::string const& session);

    // At work, without this one.
    std::vector<cluster_node> other_nodes() const;

    void enter_room_user(std::string const& room, std::string const& user);
    void leave_room_user(std::string const& room, std::string const& user);
    void find_room_users(std::string const& room, std::size_t most, executor& home,
                         unique_function<void(std::optional<room_presence>)> done);

    void enter_session(user_session const& what, executor& home, unique_function<void()> done);
    void leave_session(std::string_view user, std::string_view id);
    void find_sessions(std::string const& user, std::size_t most, executor& home,
                       unique_function<void(found_sessions)> done);
    void count_sessions(std::vector<std::string> users, executor& home,
                        unique_function<void(session_counts)> done);

    // This node hears or reaches nobody by the bus: the others are told.
    void set_off_bus(bool off);

    // Writes the number by a script, reads it back by MGET. `done` is told why it did not come
    // back; empty if it did.
    void send_canary(std::uint64_t number, unique_function<void(std::string_view)> done);

    bool complete() const noexcept { return view_.complete(); }
    std::uint64_t commands() const noexcept;
    lookups const& questions() const noexcept { return lookups_; }
    // Other nodes at work.
    std::size_t others() const noexcept { return view_.others(); }
    // Any thread.
    metrics::histogram const& latency() const noexcept { return latency_; }

private:
    enum class phase : std::uint8_t {
        away,     // no connection
        joining,  // asked for the lease
        writing,  // everything this node has
        joined,   // the others find this node
    };

    void run(script which, std::span<std::string_view const> arguments, reply_handler on_reply);
    void lose(std::string const& why);
    void join();
    void on_joined(reply const& answer);
    void confirm();
    void tick();
    void on_tick(reply const& answer);
    void send_work();
    void write_interests();
    void write_attendance();
    void on_attended(std::vector<holdings::operation> const& done, reply const& answer);
    void forget_written();
    void tell_gone();
    void sweep(std::string const& token, std::string_view what);
    void set_up(bool up);
    void tell(std::string_view name, std::string detail);
    void keep_session(std::string const& key, bool written);
    bool is_whole(reply const& generation) const;

    options const& options_;  // outlive us: owned by the registry
    std::function<void()> const reconnect_;

    metrics::histogram latency_{metrics::latency_bounds};
    std::unique_ptr<connection> connection_;
    std::uint64_t earlier_commands_ = 0;
    script_names scripts_;
    std::string run_id_;
    std::string place_;

    phase phase_ = phase::away;
    bool trying_ = true;  // whether Redis can be reached is not known yet: whoever enters waits
    bool up_ = false;
    bool lease_lost_ = false;
    bool announce_again_ = false;  // users were taken out of their rooms while we were away
    bool confirming_ = false;
    bool goodbye_ = false;
    std::uint64_t life_ = 0;  // counts joins: answers to an earlier one do not matter
    std::string epoch_;
    std::string token_;
    std::string lease_;         // what is in our lease
    std::string joined_lease_;  // what was in it when we joined the last time
    std::vector<std::string> old_tokens_;
    std::string generation_;

    cluster_view view_;
    lookups lookups_;
    holdings interests_;   // and sessions, of SockJS and of users: by key
    holdings attendance_;  // "<room> <user>"
    struct departure {
        std::string token;  // under which the user was in the room
        std::string pair;   // "<room> <user>"
        bool unsure;        // perhaps taken out, and nobody told
    };
    // Who left while nobody could be told. If Redis has lost its data, or has taken them out and
    // the answer was lost, there is nothing to sweep that would tell it.
    std::vector<departure> departures_;
    std::size_t writes_under_way_ = 0;
    std::size_t attends_under_way_ = 0;
    session_table sessions_;
    routing::string_map<bool> claims_;  // under way -> released meanwhile

    clock::time_point now_;
    clock::time_point next_tick_;
    bool tick_under_way_ = false;
    bool off_bus_ = false;
    bool others_off_bus_ = false;
    std::set<std::string> sweeping_;
    std::set<std::string> attendance_swept_;  // of nodes that are lost, not dead
};

}  // namespace broker::redis
