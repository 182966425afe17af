#pragma once

#include "broker/frame_trace.hpp"
#include "broker/transport/forwarding/forwarder.hpp"
#include "chat/limits.hpp"
#include "chat/ports/unit_of_work.hpp"
#include "chat/rest/rest_call.hpp"
#include "node/console/console.hpp"
#include "node/console/routes.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What the files of the console share among themselves. On every shard; what is not constant says
// so.

namespace node::console {

using chat::rest::rest_call;

// One request of an administrator, on its way.
struct call {
    rest_call rest;
    action what;
    std::vector<std::string> parameters;  // of the address
};

struct service::impl {
    impl(options how, parts const& with);

    // console.cpp
    void handle(broker::transport::http_exchange_ptr const& exchange, bool forwarded);
    void dispatch(call asked, bool forwarded);
    void serve(call asked);

    // other_nodes.cpp
    void list_nodes(rest_call asked);
    void forward(call asked);
    void handle_word(broker::transport::http_exchange_ptr const& exchange);
    // Calls `done` on `home`, a shard's loop, when the others have heard that there is something
    // new about bans, or could not be told in time.
    void tell_of_bans(broker::transport::loop& home, broker::unique_function<void()> done);

    // session_routes.cpp
    void list_rooms(rest_call asked);
    void list_sessions(rest_call asked);
    void show_session(call asked);
    void kick(call asked);
    void end_subscription(call asked);

    // ban_routes.cpp
    void list_bans(rest_call asked);
    void ban(call asked);
    void unban(call asked);
    void broadcast(rest_call asked);
    void change_bans(rest_call asked, std::function<chat::result<int>(chat::unit_of_work&)> work);

    // trace_routes.cpp
    void trace(rest_call asked);
    void begin_trace(rest_call const& asked, broker::frame_trace wish, std::chrono::seconds time,
                     std::shared_ptr<void> seat);

    // Writes into the audit log, then calls `act`; without it, when the log cannot be written.
    void record(rest_call asked, chat::new_audit_entry entry,
                broker::unique_function<void(rest_call)> act);

    options const how;
    parts const with;
    broker::transport::forwarder others;
    std::shared_ptr<std::atomic<std::size_t>> const traces =
        std::make_shared<std::atomic<std::size_t>>(0);  // under way

    static constexpr std::size_t most_traces = 4;
};

// About whom an entry of the audit log is: a user of the chat by number, all others by name.
void set_user(chat::new_audit_entry& entry, std::string_view user);

inline chat::rest::problem const unknown_node{404, "unknown_node", "There is no such node.",
                                              "No living node has this id."};
inline chat::rest::problem const unknown_session{
    404, "unknown_session", "There is no such session.", "The node has no session with this id."};

}  // namespace node::console
