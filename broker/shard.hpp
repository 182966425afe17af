#pragma once

#include "broker/close_reason.hpp"
#include "broker/inspection.hpp"
#include "broker/ports/bus.hpp"
#include "broker/routing/announced_topics.hpp"
#include "broker/routing/router.hpp"
#include "broker/routing/string_map.hpp"
#include "broker/services.hpp"
#include "broker/session/actions.hpp"
#include "broker/session/session.hpp"
#include "broker/sweep_pace.hpp"
#include "broker/transport/fine_timer.hpp"
#include "broker/transport/loop.hpp"
#include "broker/transport/payload.hpp"
#include "broker/unique_function.hpp"
#include "stomp/frame_parser.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// One thread's share of the node: its sessions, its tables, and the working memory they share.
// Everything on its loop's thread, but for what is said otherwise.

namespace broker {

class frame_tracer;
class stomp_peer;
struct frame_trace;

// How everybody is asked to leave.
struct farewell {
    close_reason reason = close_reason::server_drain;
    std::string detail;
    // Their clients come back at once, elsewhere: how many a second, and after a delay that differs
    // from one to the next, up to this one.
    double sessions_per_second = 1'000;
    std::chrono::milliseconds longest_return{2'000};
};

class shard final : private transport::timed {
public:
    // `id_prefix` makes session ids of this shard differ from all others in the cluster.
    shard(transport::loop& where, services const& node, std::string id_prefix);
    ~shard() override;
    shard(shard const&) = delete;
    shard& operator=(shard const&) = delete;

    transport::loop& loop() noexcept { return loop_; }
    services const& node() const noexcept { return services_; }
    session_environment const& sessions() const noexcept { return environment_; }
    routing::router& router() noexcept { return router_; }

    std::string new_session_id();
    std::uint64_t new_subscription_serial() noexcept { return ++last_serial_; }

    // The head of a MESSAGE, one payload for all subscriptions that have the same: browsers number
    // theirs sub-0, sub-1, …
    transport::payload_ref shared_head(std::string head);

    // Gathers events of the session that is being driven; flush_events() brings them to the bus in
    // one go.
    void gather(bus_event event) { events_.push_back(std::move(event)); }
    void flush_events();

    // What the bus has brought, or one of our own sessions has published.
    void deliver(std::vector<bus_event> const& events);

    // And: rooms and inboxes, now.
    void set_sweep_pace(sweep_pace pace);
    void sweep() { router_.sweep_now(); }

    // The list and the memory for the one session that is being driven.
    actions& current_actions() noexcept { return actions_; }
    stomp::header_scratch& scratch() noexcept { return scratch_; }

    void enter(stomp_peer& who);
    void leave(stomp_peer& who) noexcept;
    std::size_t session_count() const noexcept { return session_count_; }

    // For operators: sessions, destinations with the most subscribers first.
    session_listing list_sessions(session_question const& question) const;
    std::vector<destination_report> busiest_destinations(std::size_t most) const;
    // Null if it is not here.
    std::shared_ptr<stomp_peer> find_session(std::string_view id) const;

    // Closes the sessions of these users, by user_key() or name.
    void close_sessions_of(std::vector<std::string> const& users, close_reason reason,
                           std::string_view detail);
    // From now on, until it is removed.
    void add_trace(std::shared_ptr<frame_trace const> what);
    void remove_trace(frame_trace const& what);
    // Null while nobody traces.
    frame_tracer* tracer() noexcept { return tracer_.get(); }

    // Asks every session to leave, some at a time, and calls `empty` once when none is left,
    // perhaps at once.
    void close_everyone(farewell plan, unique_function<void()> empty);

private:
    void on_deadline(steady_time now) override;
    void tell_if_empty() noexcept;
    void forget_unused_heads();

    struct session_list;
    struct departure;

    void close_some(steady_time now);

    transport::loop& loop_;
    services services_;
    session_environment environment_;
    routing::announced_topics rooms_;
    routing::router router_;
    std::string id_prefix_;
    sweep_pace sweep_pace_;
    unsigned rounds_ = 0;  // of sweeps, since the inboxes were in one
    steady_time next_sweep_ = steady_time::max();
    std::uint64_t last_session_ = 0;
    std::uint64_t last_serial_ = 0;
    std::size_t session_count_ = 0;
    std::unique_ptr<departure> leaving_;  // null until everybody is to leave
    routing::string_map<transport::payload_ref> heads_;
    std::size_t heads_worth_cleaning_ = 1024;
    std::vector<bus_event> events_;
    actions actions_;
    stomp::header_scratch scratch_;
    std::unique_ptr<session_list> sessions_;
    std::unique_ptr<frame_tracer> tracer_;
    transport::fine_timer gaps_;  // finer than the wheel: a gap holds up a room
};

}  // namespace broker
