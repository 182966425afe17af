#include "support.hpp"

#include <doctest/doctest.h>
#include <atomic>
#include <map>
#include <set>
#include <thread>

using namespace chat_tests;
using namespace chat;

namespace {

// A shard with a thread of its own.
class running_shard {
public:
    running_shard() : thread_([this] { shard_.run_until([this] { return stopped_; }); }) {}
    ~running_shard() {
        shard_.post([this] { stopped_ = true; });
        thread_.join();
    }
    broker::executor& home() { return shard_; }

private:
    test_shard shard_;
    bool stopped_ = false;  // on the thread only
    std::thread thread_;
};

struct tally {
    std::atomic<int> finished{0};
    std::mutex mutex;
    std::map<std::string, int> codes;

    void note(broker::app_outcome const& outcome) {
        auto const* error = std::get_if<broker::app_error>(&outcome);
        {
            std::scoped_lock const lock(mutex);
            ++codes[error == nullptr ? "ok" : error->code];
        }
        finished.fetch_add(1);
        finished.notify_all();
    }
    void wait_for(int count) {
        for (auto now = finished.load(); now < count; now = finished.load()) finished.wait(now);
    }
};

void send(chat_node& node, running_shard& shard, tally& results, std::string destination,
          std::string body, std::uint64_t user) {
    shard.home().post([&node, &shard, &results, destination = std::move(destination),
                       body = std::move(body), user] {
        stomp::frame frame;
        frame.body = body;
        node.module().app().on_app_send(
            {.frame = frame,
             .destination = destination,
             .caller = verified(user),
             .session_id = "s",
             .home = shard.home()},
            [&results](broker::app_outcome const& outcome) { results.note(outcome); });
    });
}

}  // namespace

TEST_CASE("a user who joins on many connections at once is announced once") {
    chat_node node;
    ensure_lobby(node.store());
    tally results;
    {
        running_shard shards[4];
        for (auto i = 0; i < 40; ++i)
            send(node, shards[i % 4], results, "/app/chat.join", R"({"chatRoomId":1})", 7);
        results.wait_for(40);
    }
    CHECK(results.codes == std::map<std::string, int>{{"ok", 40}});
    CHECK(node.bus.messages().size() == 1);
}

TEST_CASE("a user who leaves on many connections at once leaves once") {
    chat_node node;
    ensure_lobby(node.store());
    REQUIRE(node.app("/app/chat.join", R"({"chatRoomId":1})", verified(7)) == "ok");
    tally results;
    {
        running_shard shards[4];
        for (auto i = 0; i < 20; ++i)
            send(node, shards[i % 4], results, "/app/chat.leave", R"({"chatRoomId":1})", 7);
        results.wait_for(20);
    }
    CHECK(results.codes == std::map<std::string, int>{{"not_a_member", 19}, {"ok", 1}});
    CHECK(node.bus.messages().size() == 2);
    CHECK(node.rest("GET", "/api/chat/rooms/1").at("/lastSeq") == "2");
}

TEST_CASE("a maximum of members holds when many come at once") {
    chat_node node;
    node.rest("POST", "/api/chat/rooms", R"({"name":"small","maxMembers":5})");
    tally results;
    {
        running_shard shards[4];
        for (auto i = 0; i < 40; ++i)
            send(node, shards[i % 4], results, "/app/chat.join", R"({"chatRoomId":1})",
                 static_cast<std::uint64_t>(100 + i));
        results.wait_for(40);
    }
    CHECK(results.codes == std::map<std::string, int>{{"ok", 5}, {"room_full", 35}});
    CHECK(node.rest("GET", "/api/chat/rooms/1").at("/memberCount") == "5");
}

TEST_CASE("two who write to each other at the same time share one room") {
    chat_node node;
    node.with_unit([](unit_of_work& unit) {
        unit.remember_user(user_id(1), "ann");
        unit.remember_user(user_id(2), "bob");
    });
    tally results;
    {
        running_shard shards[2];
        for (auto i = 0; i < 10; ++i) {
            send(node, shards[0], results, "/app/chat.send", R"({"to":2,"message":"x"})", 1);
            send(node, shards[1], results, "/app/chat.send", R"({"to":1,"message":"y"})", 2);
        }
        results.wait_for(20);
    }
    CHECK(results.codes == std::map<std::string, int>{{"ok", 20}});
    CHECK(node.rest("GET", "/api/chat/rooms?userId=1").at("/rooms/1") == "-");
    CHECK(node.rest("GET", "/api/chat/rooms/1?userId=1").at("/lastSeq") == "20");
}

TEST_CASE("joins, sends and leaves of many users give every seq once and nothing after a leave") {
    chat_node node;
    ensure_lobby(node.store());
    constexpr auto users = 8;
    constexpr auto rounds = 10;
    tally results;
    {
        running_shard shards[4];
        // Without waiting for one another: some sends come before the join or after the leave.
        for (auto round = 0; round < rounds; ++round) {
            for (auto user = 1; user <= users; ++user) {
                auto& shard = shards[user % 4];
                auto const who = static_cast<std::uint64_t>(user);
                send(node, shard, results, "/app/chat.join", R"({"chatRoomId":1})", who);
                for (auto i = 0; i < 3; ++i)
                    send(node, shard, results, "/app/chat.sendMessage",
                         R"({"chatRoomId":1,"content":"x"})", who);
                send(node, shard, results, "/app/chat.leave", R"({"chatRoomId":1})", who);
            }
        }
        results.wait_for(users * rounds * 5);
    }
    for (auto const& [code, count] : results.codes) {
        CAPTURE(code);
        CHECK((code == "ok" || code == "not_a_member"));
    }

    std::map<std::uint64_t, broker::message_ptr> by_seq;
    for (auto const& message : node.bus.messages())
        CHECK(by_seq.emplace(message->seq(), message).second);
    REQUIRE_FALSE(by_seq.empty());
    CHECK(by_seq.begin()->first == 1);
    CHECK(by_seq.rbegin()->first == by_seq.size());

    std::set<std::string> members;
    for (auto const& [seq, message] : by_seq) {
        auto const type = json_at(message->body(), "/messageType");
        auto const who = json_at(message->body(), "/senderId");
        CAPTURE(seq);
        if (type == "JOIN") CHECK(members.insert(who).second);
        if (type == "CHAT") CHECK(members.contains(who));
        if (type == "LEAVE") CHECK(members.erase(who) == 1);
    }
}
