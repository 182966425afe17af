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

// Sessions whose node cannot bring on what they send.

using namespace broker;
using namespace std::chrono_literals;

namespace {

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

// App sends are done at once.
struct no_chat final : app_handler, tests::no_rooms, tests::no_inbox {
    app_flow on_app_send(app_request const& request,
                         unique_function<void(app_outcome)> done) override {
        app_sends.emplace_back(request.frame.body);
        done({});
        return app_flow::pipelined;
    }

    texts app_sends;
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

constexpr auto pace = 200ms;

struct node {
    explicit node(std::chrono::milliseconds with_pace = pace) : brake(with_pace, {}) {
        limits.heart_beat_send_every = 1s;
        limits.heart_beat_want_every = 1s;
        limits.heart_beat_grace = 500ms;
    }

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
    transport::loop loop{0};
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
                .brake = &brake},
               "t-"};
};

struct client {
    explicit client(node& on) : peer(std::make_shared<stomp_peer>(on.home, link, traits, none())) {
        peer->on_open();
        say("CONNECT\naccept-version:1.2\nhost:h\nheart-beat:1000,1000\n\n");
        REQUIRE(link.frames.size() == 1);
        link.frames.clear();
    }
    ~client() { peer->on_link_closed(); }
    client(client const&) = delete;
    client& operator=(client const&) = delete;

    static credentials none() { return {}; }
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

}  // namespace

TEST_CASE("without the brake SENDs go on as they come") {
    node on;
    client who(on);
    who.bytes(client::send("/topic/a", "1") + client::send("/topic/a", "2"));
    CHECK(on.events.bodies == texts{"1", "2"});
    CHECK_FALSE(who.link.paused);
}

TEST_CASE("with the brake on a SEND goes at once, and those behind it one by one at the pace") {
    node on;
    on.brake.set(send_brake::reason::blocked, true);
    client who(on);
    who.bytes(client::send("/topic/a", "1", "receipt:r1\n") + client::send("/topic/a", "2"));
    CHECK(on.events.bodies == texts{"1"});
    CHECK(who.link.frames.size() == 1);  // its RECEIPT
    CHECK(who.link.paused);
    on.pass(100ms);
    CHECK(on.events.bodies.size() == 1);
}

TEST_CASE("each kind of SEND is slowed, and nothing is lost or changes its order") {
    node on;
    client who(on);
    on.brake.set(send_brake::reason::backlog, true);
    who.bytes(client::send("/topic/a", "1") + client::send("/user/8/queue/x", "2") +
              client::send("/app/chat", "3") + client::send("/topic/a", "4"));
    CHECK(on.events.bodies == texts{"1"});
    on.pass(pace + 100ms);
    CHECK(on.events.bodies == texts{"1", "2"});
    CHECK(on.chat.app_sends.empty());
    on.pass(100ms);
    CHECK(on.chat.app_sends == texts{"3"});
    CHECK(who.link.paused);
    on.pass(100ms);
    CHECK(on.events.bodies == texts{"1", "2", "4"});
    CHECK(who.link.paused);
    on.pass(100ms);
    CHECK_FALSE(who.link.paused);
    who.bytes(client::send("/topic/a", "5"));
    CHECK(on.events.bodies.back() == "5");
}

TEST_CASE("what cuts a frame in two does not matter to a slowed session") {
    node on;
    client who(on);
    on.brake.set(send_brake::reason::blocked, true);
    auto const two = client::send("/topic/a", "1") + client::send("/topic/a", "2");
    who.bytes(two.substr(0, two.size() - 5));
    on.pass(pace + 100ms);
    CHECK_FALSE(who.link.paused);
    who.bytes(two.substr(two.size() - 5));
    CHECK(on.events.bodies == texts{"1", "2"});
    CHECK(who.link.paused);
}

TEST_CASE("who sends nothing to the bus is not slowed") {
    node on;
    on.brake.set(send_brake::reason::blocked, true);
    client who(on);
    who.say("SUBSCRIBE\nid:1\ndestination:/topic/a\n\n");
    who.say("UNSUBSCRIBE\nid:1\n\n");
    who.say("BEGIN\ntransaction:t\n\n");
    who.bytes(client::send("/topic/a", "1", "transaction:t\n"));
    CHECK_FALSE(who.link.paused);
    CHECK(on.events.bodies.empty());
}

TEST_CASE("a COMMIT is carried out whole and pays for its SENDs, for a bounded time") {
    node on;
    on.brake.set(send_brake::reason::blocked, true);
    client who(on);
    who.say("BEGIN\ntransaction:t\n\n");
    for (int i = 0; i != 100; ++i) who.bytes(client::send("/topic/a", "x", "transaction:t\n"));
    who.say("COMMIT\ntransaction:t\n\n");
    CHECK(on.events.bodies.size() == 100);
    CHECK(who.link.paused);
    on.pass(sender_pace::longest - 300ms);
    CHECK(who.link.paused);
    on.pass(500ms);
    CHECK_FALSE(who.link.paused);
}

TEST_CASE("a slowed session is not missed for heart-beats that lie unread, and sends its own") {
    node on;
    client who(on);
    on.brake.set(send_brake::reason::blocked, true);
    std::string flood;
    for (int i = 0; i != 300; ++i) flood += client::send("/topic/a", "x");
    who.bytes(flood);
    on.pass(20s);
    CHECK_FALSE(who.link.closed);
    CHECK(who.link.heart_beats >= 18);
    CHECK(on.events.bodies.size() > 100);
    CHECK(on.events.bodies.size() < 300);
    // Once it is read again its silence counts.
    on.brake.set(send_brake::reason::blocked, false);
    on.pass(1s);
    CHECK(on.events.bodies.size() == 300);
    on.pass(10s);
    CHECK(who.link.closed == close_reason::heart_beat_missed);
}

TEST_CASE("the brake's end lets everything go on after one more pace") {
    node on;
    client who(on);
    on.brake.set(send_brake::reason::blocked, true);
    who.bytes(client::send("/topic/a", "1") + client::send("/topic/a", "2") +
              client::send("/topic/a", "3"));
    on.brake.set(send_brake::reason::blocked, false);
    on.pass(pace + 100ms);
    CHECK(on.events.bodies == texts{"1", "2", "3"});
    CHECK_FALSE(who.link.paused);
}

TEST_CASE("a link whose answer is due is not slowed") {
    node on;
    client who(on);
    on.brake.set(send_brake::reason::blocked, true);
    who.link.overdue = true;
    who.bytes(client::send("/topic/a", "1") + client::send("/topic/a", "2"));
    CHECK(on.events.bodies == texts{"1", "2"});
    CHECK_FALSE(who.link.paused);
}

TEST_CASE("a slowed session whose link closes is gone") {
    node on;
    on.brake.set(send_brake::reason::blocked, true);
    {
        client who(on);
        who.bytes(client::send("/topic/a", "1") + client::send("/topic/a", "2"));
    }
    on.pass(1s);
    CHECK(on.events.bodies == texts{"1"});
    CHECK(on.home.session_count() == 0);
}

TEST_CASE("the brake tells when it goes on and off, and how many sessions it slowed") {
    std::vector<send_brake::change> told;
    send_brake brake(pace, [&told](send_brake::change const& what) { told.push_back(what); });
    using enum send_brake::reason;
    brake.set(backlog, false);
    CHECK(told.empty());
    brake.set(blocked, true);
    brake.set(backlog, true);
    CHECK(brake.on());
    sender_pace one, two;
    for (int i = 0; i != 3; ++i) one.on_send(brake, steady_time(1h));
    two.on_send(brake, steady_time(1h));
    CHECK(one.deadline() == steady_time(1h) + 3 * pace);
    CHECK_FALSE(one.end_at(steady_time(1h) + 3 * pace - 1ns));
    CHECK(one.end_at(steady_time(1h) + 3 * pace));
    CHECK_FALSE(one.end_at(steady_time(2h)));
    CHECK(one.deadline() == steady_time::max());
    brake.set(blocked, false);
    CHECK(brake.on());
    brake.set(backlog, false);
    CHECK_FALSE(brake.on());
    REQUIRE(told.size() == 2);
    CHECK(told[0].on);
    CHECK(told[0].why == blocked);
    CHECK_FALSE(told[1].on);
    CHECK(told[1].slowed == 2);
    brake.set(backlog, true);
    one.on_send(brake, steady_time(3h));
    brake.set(backlog, false);
    CHECK(told.back().slowed == 1);
    CHECK(told.back().why == backlog);
}

TEST_CASE("a pace of zero slows nobody") {
    node on(0ms);
    client who(on);
    on.brake.set(send_brake::reason::blocked, true);
    who.bytes(client::send("/topic/a", "1") + client::send("/topic/a", "2"));
    CHECK(on.events.bodies == texts{"1", "2"});
    CHECK_FALSE(on.brake.on());
}

TEST_CASE("the brake may be set on one thread while shards ask on others") {
    send_brake brake(pace, {});
    std::vector<std::thread> shards;
    for (int i = 0; i != 2; ++i) {
        shards.emplace_back([&brake] {
            sender_pace mine;
            for (int n = 0; n != 10'000; ++n) {
                if (brake.on()) mine.on_send(brake, steady_time(1h));
            }
        });
    }
    for (int n = 0; n != 1'000; ++n) brake.set(send_brake::reason::blocked, n % 2 == 0);
    for (auto& each : shards) each.join();
    CHECK_FALSE(brake.on());
}
