#pragma once

#include "bench/client/stomp_client.hpp"
#include "bench/plan/profile.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What a run does, whole: made from flags and a file by plan/reader, checked once, never changed
// afterwards.

namespace bench {

using seconds = std::chrono::duration<double>;

// A server under load.
struct target {
    std::string name;  // in reports
    profile const* as = nullptr;
    std::vector<endpoint> urls;    // clients take them in turn
    std::optional<endpoint> rest;  // where rooms and history are; else the first URL says it
    std::vector<pid_t> pids;  // the server's processes, for CPU and memory; empty: not measured

    // "{}" is the client's number, so that each may be a user of its own.
    std::string login;
    std::string passcode;
    std::string token_file;         // a JWT per line, taken in turn
    std::string token_secret_file;  // signs an HS256 token for each client
    std::string
        token_claims;  // JSON; "{}" is the client's number; exp is added when it is not there
    std::vector<std::pair<std::string, std::string>> connect_headers;
    std::uint64_t user = 1;  // the user's number in a chat server, when all clients are one user
    client_options client;
};

// Part of a schedule. Rates are per second over all publishers.
struct load_step {
    double from = 0;  // messages per second at its start
    double to = 0;    // and at its end: a ramp when they differ
    seconds lasts{0};
};

enum class scenario_kind : std::uint8_t {
    connect,  // a storm: connect, CONNECT, SUBSCRIBE
    idle,     // sessions that are held, silent but for heart-beats
    fan_out,  // rooms x subscribers x publishers
    direct,   // pairs of users, there and back
    churn,    // connect, subscribe, unsubscribe, disconnect, again and again
    resume,   // everybody's connection ends at once, and all come back
    slow,     // readers that stop among readers that do not
    chat,     // send, typing, read, history, leave, join, mixed
};
std::string_view to_string(scenario_kind kind) noexcept;

struct plan {
    scenario_kind kind = scenario_kind::fan_out;

    std::size_t rooms = 1;
    std::size_t subscribers = 10;    // of each room
    std::size_t publishers = 1;      // of each room
    std::size_t sessions = 1000;     // connect, idle, churn
    std::size_t pairs = 50;          // direct
    std::size_t slow_readers = 100;  // slow
    std::uint64_t first_room = 0;    // chat rooms that are there; 0: the bench makes its own
    std::size_t body_bytes = 200;
    unsigned turnover = 4;  // chat: of 100 actions so many are somebody who leaves or comes back
    bool stored = false;    // fan_out, resume and slow over chat rooms instead of generic topics
    bool publishers_stay = false;  // resume: only subscribers are cut off
    bool user_queues = false;      // direct over queues of the users instead of topics
    bool receipts = false;         // publishers ask for RECEIPT
    std::size_t window = 32;       // at full load: messages of one publisher that are on their way
    double connects_per_second = 0;  // 0: as fast as they succeed, at most `connecting` at a time
    std::size_t connecting = 200;
    seconds heart_beat{0};  // idle

    std::vector<load_step> steps;  // empty: full load for `lasts`
    seconds warm_up{1};
    seconds lasts{5};      // when there are no steps
    seconds patience{10};  // for what is still on its way at the end

    unsigned threads = 1;
    std::vector<std::string> sources;  // addresses to connect from, in turn

    bool open_loop() const noexcept { return !steps.empty(); }
    // In a chat everybody sends.
    std::size_t senders_per_room() const noexcept {
        return kind == scenario_kind::chat ? subscribers : publishers;
    }
    // Something is asked for over HTTP: rooms are made, or history is read.
    bool needs_rest() const noexcept;
    // How many there are in all; a churn has so many at a time.
    std::size_t clients() const noexcept;
    // The warm-up, at the rate of the first step, and the steps.
    std::vector<load_step> all_steps() const;
    seconds measured() const noexcept;  // the steps' or `lasts`
};

}  // namespace bench
