#pragma once

#include "bench/stomp_session.hpp"

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <vector>

// What the bench can do to a server. Each scenario prints its figures as lines `name value unit`;
// it throws std::runtime_error when a client was refused or dropped.

namespace bench {

struct target {
    endpoint to;
    login as;
    pid_t pid = 0;  // the server's process, for its CPU and memory; 0: not measured
};

// Rooms with subscribers and one publisher each, at full load: a publisher has at most `window`
// messages that have not reached every subscriber of its room.
struct fan_out_options {
    std::size_t rooms = 1;
    std::size_t subscribers = 1000;  // of each room
    std::size_t window = 32;
    std::size_t body_bytes = 200;
    double warm_up_seconds = 1;
    double seconds = 5;
    std::string prefix = "/topic/bench.";  // the room's number follows
};
void run_fan_out(target const& server, fan_out_options const& options);

// Sessions that connect, subscribe, and are silent: what one costs in memory.
struct idle_options {
    std::size_t sessions = 5000;
    std::string destination = "/topic/idle.";  // the session's number modulo 100 follows
    // Each logs in as a user of its own, numbered from here; 0: all as one.
    std::size_t first_user = 0;
};
void run_idle(target const& server, idle_options const& options);

// Stored chat messages: one sender per room, at most `window` sends without a RECEIPT each. The
// rooms must be there and public; senders join them. For a node in open mode, where a login names
// the user.
struct chat_options {
    std::size_t rooms = 100;
    std::size_t first_room = 1;
    std::size_t window = 64;
    std::size_t content_bytes = 200;
    double warm_up_seconds = 1;
    double seconds = 5;
    double rate = 0;  // messages per second over all rooms, open loop; 0: as fast as receipts come
    std::size_t subscribers = 0;  // of each room, beside the sender
    // Further nodes of the server's cluster. Senders take turns among all, and so do the
    // subscribers of each room, beginning where its sender is.
    std::vector<endpoint> other_nodes{};
    std::vector<pid_t> other_pids{};  // further processes whose CPU is told
};
void run_chat(target const& server, chat_options const& options);

}  // namespace bench
