#include "chat/turn_writer.hpp"

#include "broker/transport/loop.hpp"

#include <doctest/doctest.h>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

using namespace chat;

namespace {

using pieces = std::vector<std::string>;

// What the writer behind was given: each piece in one text, "a b c".
struct given final : message_writer {
    explicit given(pieces& found) : all(found) {}
    void append(pending_write write) override { append_all_of({&write, 1}); }
    void append_all(std::vector<pending_write> writes) override { append_all_of(writes); }
    void probe(broker::unique_function<void(boost::system::error_code)> done) override {
        all.emplace_back("probe");
        done({});
    }

    void append_all_of(std::span<pending_write> writes) {
        std::string text;
        for (auto const& write : writes) text += (text.empty() ? "" : " ") + write.message.content;
        all.push_back(text);
    }

    pieces& all;
};

pending_write saying(std::string content) {
    pending_write write;
    write.message.content = std::move(content);
    return write;
}

// A writer in front of two loops, which run on this thread.
struct desk_test {
    pieces found;
    broker::transport::loop shard{0};
    broker::transport::loop other{1};
    turn_writer writer{std::make_unique<given>(found), 2, 3};

    void say(std::string const& content) { writer.append(saying(content)); }
};

}  // namespace

TEST_CASE("what is sent in one turn is given in one piece, at its end, in its order") {
    desk_test test;
    test.shard.post([&] {
        test.say("a");
        test.shard.post([&] {
            test.say("c");
            // After the turn's end: posted from a turn behind it.
            test.shard.post([&] { test.shard.stop(); });
        });
        test.say("b");
        CHECK(test.found.empty());
    });
    test.shard.run();
    CHECK(test.found == pieces{"a b", "c"});
}

TEST_CASE("no more than the most wait for the end of a turn") {
    desk_test test;
    test.shard.post([&] {
        for (auto const* each : {"a", "b"}) test.say(each);
        CHECK(test.found.empty());
        test.say("c");
        CHECK(test.found == pieces{"a b c"});
        for (auto const* each : {"d", "e", "f", "g"}) test.say(each);
        CHECK(test.found == pieces{"a b c", "d e f"});
        test.shard.post([&] { test.shard.post([&] { test.shard.stop(); }); });
    });
    test.shard.run();
    CHECK(test.found == pieces{"a b c", "d e f", "g"});
}

TEST_CASE("a turn whose messages were all given before its end gives nothing more") {
    desk_test test;
    test.shard.post([&] {
        for (auto const* each : {"a", "b", "c"}) test.say(each);
        test.shard.post([&] { test.shard.post([&] { test.shard.stop(); }); });
    });
    test.shard.run();
    CHECK(test.found == pieces{"a b c"});
}

TEST_CASE("each shard has its own, and a thread that is none waits for no turn") {
    desk_test test;
    test.say("0");
    CHECK(test.found == pieces{"0"});
    test.shard.post([&] {
        test.say("a");
        // The other's turn begins and ends within ours.
        std::thread([&] {
            test.other.post([&] {
                test.say("x");
                test.say("y");
                test.other.post([&] { test.other.post([&] { test.other.stop(); }); });
            });
            test.other.run();
        }).join();
        test.say("b");
        test.shard.post([&] { test.shard.post([&] { test.shard.stop(); }); });
    });
    test.shard.run();
    CHECK(test.found == pieces{"0", "x y", "a b"});
}

TEST_CASE("what is asked for as a whole is given at once, and a probe goes to the writer behind") {
    desk_test test;
    test.shard.post([&] {
        test.say("a");
        std::vector<pending_write> both;
        both.push_back(saying("1"));
        both.push_back(saying("2"));
        test.writer.append_all(std::move(both));
        bool answered = false;
        test.writer.probe([&](boost::system::error_code error) { answered = !error; });
        CHECK(answered);
        test.shard.post([&] { test.shard.post([&] { test.shard.stop(); }); });
    });
    test.shard.run();
    CHECK(test.found == pieces{"1 2", "probe", "a"});
}

TEST_CASE("what a loop was stopped with is given when the writer ends") {
    pieces found;
    broker::transport::loop shard(0);
    {
        turn_writer writer(std::make_unique<given>(found), 1);
        shard.post([&] {
            writer.append(saying("a"));
            writer.append(saying("b"));
            shard.stop();
        });
        shard.run();
        CHECK(found.empty());
    }
    CHECK(found == pieces{"a b"});
}
