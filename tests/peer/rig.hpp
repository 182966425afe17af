#pragma once

#include "broker/limiting/limiter.hpp"
#include "broker/peer/sender_pace.hpp"
#include "broker/peer/stomp_peer.hpp"
#include "broker/send_brake.hpp"
#include "broker/shard.hpp"
#include "broker/transport/link.hpp"
#include "tests/support/no_rooms.hpp"

#include <doctest/doctest.h>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

// Sessions at their edge, with a link that tells what it was told, and timers without their clock.
//
// A test runs inside one turn of a loop, in which now() stands still: how long the machine takes
// for it is not seen by anybody.

namespace peer_test {

using namespace broker;
using namespace std::chrono_literals;

using texts = std::vector<std::string>;

class test_link final : public transport::link {
public:
    void send(transport::payload_ref head, transport::payload_ref tail,
              transport::frame_kind) override {
        frames.push_back((head ? std::string(head->bytes()) : std::string()) +
                         (tail ? std::string(tail->bytes()) : std::string()));
        sent = true;
    }
    void send_heart_beat() override { ++heart_beats; }
    void limit_messages(std::size_t) override {}
    void pause_reading() override { paused = true; }
    void resume_reading() override { paused = false; }
    bool input_overdue() const override { return overdue; }
    void close(close_reason reason, std::string_view) override { closed = reason; }
    void abort(close_reason reason) override { closed = reason; }
    std::size_t queued_bytes() const override { return 0; }
    bool take_sent_mark() override { return std::exchange(sent, false); }
    std::string_view transport_name() const override { return "test"; }

    texts frames;
    int heart_beats = 0;
    bool paused = false;
    bool overdue = false;
    bool sent = false;
    std::optional<close_reason> closed;
};

struct anyone final : authenticator, authorizer {
    void authenticate(credentials const&, executor&,
                      unique_function<void(auth_outcome)> done) override {
        auto who = std::make_shared<principal>();
        who->name = "7";
        done(std::move(who));
    }
    bool may_send(principal const&, std::string_view) const override { return true; }
    bool may_subscribe(principal const&, std::string_view) const override { return true; }
};

// App sends are done at once: but /app/slow when the test says so, and /app/alone when there is
// nothing before it.
struct no_chat final : app_handler, tests::no_rooms, tests::no_inbox {
    app_flow on_app_send(app_request const& request,
                         unique_function<void(app_outcome)> done) override {
        if (request.destination == "/app/alone" && request.behind_others)
            return app_flow::after_others;
        app_sends.emplace_back(request.frame.body);
        if (request.destination == "/app/slow") {
            slow.push_back(std::move(done));
        } else {
            done({});
        }
        return app_flow::pipelined;
    }

    // The oldest that is slow is done.
    void answer() {
        auto done = std::move(slow.front());
        slow.erase(slow.begin());
        done({});
    }

    texts app_sends;
    std::vector<unique_function<void(app_outcome)>> slow;
};

class recording_bus final : public bus {
public:
    void publish(std::vector<bus_event> events) override {
        for (auto const& event : events) {
            if (auto const* topic = std::get_if<topic_event>(&event))
                bodies.emplace_back(topic->message->body());
            if (auto const* user = std::get_if<user_event>(&event))
                bodies.emplace_back(user->message->body());
        }
    }
    texts bodies;
};

struct no_nodes final : registry, user_sessions {
    void enter(interest, executor&, unique_function<void()> done) override { done(); }
    void leave(interest const&) override {}
    void find(std::vector<interest>,
              unique_function<void(std::optional<interested_nodes>)> done) override {
        done(std::nullopt);
    }
    void enter_session(user_session, executor&, unique_function<void()> done) override { done(); }
    void leave_session(std::string_view, std::string_view) override {}
    void find_sessions(std::string, std::size_t, executor&,
                       unique_function<void(found_sessions)>) override {}
    void count_sessions(std::vector<std::string>, executor&,
                        unique_function<void(session_counts)>) override {}
};

inline constexpr auto pace = 200ms;

// The loop in whose turn the test runs.
inline transport::loop* turning = nullptr;

template <typename Test>
void in_one_turn(Test test) {
    transport::loop loop(0);
    turning = &loop;
    loop.post([&] {
        test();
        loop.stop();
    });
    loop.run();
    turning = nullptr;
}

struct node {
    explicit node(std::chrono::milliseconds with_pace = pace) : brake(with_pace, {}) {
        limits.heart_beat_send_every = 1s;
        limits.heart_beat_want_every = 1s;
        limits.heart_beat_grace = 500ms;
    }
    explicit node(limiting::limits const& of_clients) : node(pace) { limiter.set(of_clients); }

    // The timers of the loop, without its clock.
    void pass(std::chrono::milliseconds time) {
        for (auto const end = now + time; now < end;) {
            now += transport::timer_wheel::tick;
            loop.timers().advance(now);
        }
    }

    anyone everybody;
    no_chat chat;
    recording_bus events;
    no_nodes registry;
    session_limits limits;
    send_brake brake;
    limiting::limiter limiter{{}, {}};
    transport::loop& loop = *turning;
    steady_time now = loop.now();
    shard home{loop,
               {.credentials = everybody,
                .access = everybody,
                .app = chat,
                .rooms = chat,
                .inbox = chat,
                .events = events,
                .interests = registry,
                .directory = registry,
                .present = nullptr,
                .limits = limits,
                .brake = &brake,
                .limiter = &limiter},
               "t-"};
};

struct client {
    explicit client(node& on) : peer(std::make_shared<stomp_peer>(on.home, link, traits, of(on))) {
        peer->on_open();
        say("CONNECT\naccept-version:1.2\nhost:h\nheart-beat:1000,1000\n\n");
        REQUIRE(link.frames.size() == 1);
        link.frames.clear();
    }
    ~client() { peer->on_link_closed(); }
    client(client const&) = delete;
    client& operator=(client const&) = delete;

    static link_origin of(node& on) {
        auto const here = limiting::client_address::parse("192.0.2.1").value();
        return {.handshake = {}, .pass = on.limiter.admit_session(here, on.now).value()};
    }
    static std::string send(std::string const& to, std::string const& body,
                            std::string const& more = "") {
        return "SEND\ndestination:" + to + "\n" + more + "\n" + body + '\0';
    }
    void say(std::string const& frame) { bytes(frame + '\0'); }
    void bytes(std::string text) { peer->on_bytes({text.data(), text.size()}, false); }

    link_traits traits{.heart_beats = true, .pings = false};
    test_link link;
    std::shared_ptr<stomp_peer> peer;
};

}  // namespace peer_test

#define PEER_TEST_BODY(body, name)    \
    static void body();               \
    TEST_CASE(name) {                 \
        peer_test::in_one_turn(body); \
    }                                 \
    static void body()
// TEST_CASE in one turn of a loop.
#define PEER_TEST(name) PEER_TEST_BODY(DOCTEST_ANONYMOUS(peer_test_), name)
