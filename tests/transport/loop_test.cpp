#include "broker/transport/loop.hpp"
#include "broker/transport/fine_timer.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <boost/asio/post.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

using namespace broker::transport;
using namespace std::chrono_literals;

namespace {

struct flusher final : flushable, std::enable_shared_from_this<flusher> {
    std::function<void()> act;
    void flush() override { act(); }
};

struct bell final : timed {
    std::function<void(broker::steady_time)> act;
    void on_deadline(broker::steady_time now) override { act(now); }
};

}  // namespace

TEST_CASE("posted work runs on the loop's thread, in order per poster, none lost") {
    loop shard(3);
    CHECK(loop::current() == nullptr);
    constexpr int posters = 4;
    constexpr int each = 20'000;
    std::vector<int> last(posters, -1);
    bool ordered = true;
    bool at_home = true;
    std::atomic<int> left{posters * each};
    std::thread runner([&] { shard.run(); });
    std::vector<std::thread> threads;
    for (int p = 0; p < posters; ++p) {
        threads.emplace_back([&, p] {
            for (int i = 0; i < each; ++i) {
                shard.post([&, p, i] {
                    ordered = ordered && last[static_cast<std::size_t>(p)] == i - 1;
                    last[static_cast<std::size_t>(p)] = i;
                    at_home = at_home && loop::current() == &shard;
                    if (--left == 0) shard.stop();
                });
            }
        });
    }
    for (auto& thread : threads) thread.join();
    runner.join();
    CHECK(ordered);
    CHECK(at_home);
    CHECK(left == 0);
    CHECK(shard.index() == 3);
}

TEST_CASE("post never runs the work inside, and work may post work") {
    loop shard(0);
    std::vector<int> order;
    shard.post([&] {
        shard.post([&] {
            order.push_back(2);
            shard.stop();
        });
        order.push_back(1);
    });
    CHECK(order.empty());
    shard.run();
    CHECK(order == std::vector<int>{1, 2});
}

TEST_CASE("work that is never run is destroyed with the loop") {
    auto const token = std::make_shared<int>(1);
    {
        loop shard(0);
        for (int i = 0; i < 5; ++i) shard.post([token] {});
        CHECK(token.use_count() == 6);
    }
    CHECK(token.use_count() == 1);
}

TEST_CASE("a flush comes after everything that is ready now, once per call of flush_later") {
    loop shard(0);
    std::vector<int> order;
    auto const who = std::make_shared<flusher>();
    who->act = [&] {
        order.push_back(9);
        if (order.size() > 4) return shard.stop();
        shard.flush_later(who);  // from inside a flush: the next turn
    };
    boost::asio::post(shard.io(), [&] {
        shard.flush_later(who);
        order.push_back(1);
    });
    boost::asio::post(shard.io(), [&] { order.push_back(2); });
    boost::asio::post(shard.io(), [&] { order.push_back(3); });
    shard.run();
    CHECK(order == std::vector<int>{1, 2, 3, 9, 9});
}

TEST_CASE("what is retired lives until the turn has ended") {
    loop shard(0);
    auto thing = std::make_shared<int>(7);
    std::weak_ptr<int> const watched = thing;
    auto const who = std::make_shared<flusher>();
    bool alive_in_flush = false;
    who->act = [&] { alive_in_flush = !watched.expired(); };
    shard.post([&] {
        shard.flush_later(who);
        shard.retire(std::move(thing));
        shard.post([&] { shard.post([&] { shard.stop(); }); });
    });
    shard.run();
    CHECK(alive_in_flush);
    CHECK(watched.expired());
}

TEST_CASE("deadlines ring while the loop runs, and now() stands still within a turn") {
    loop shard(0);
    bell one;
    auto const due = std::chrono::steady_clock::now() + 150ms;
    broker::steady_time rang;
    one.act = [&](broker::steady_time now) {
        rang = now;
        CHECK(shard.now() == now);
        while (std::chrono::steady_clock::now() == now) {
        }
        CHECK(shard.now() == now);
        shard.stop();
    };
    shard.timers().set(one, due);
    shard.run();
    CHECK(rang >= due);
}

TEST_CASE("a fine timer rings once for all the times it was set, and not after it is gone") {
    loop shard(0);
    int rung = 0;
    auto gone = std::make_unique<fine_timer>(shard, [&] { rung += 100; });
    fine_timer last(shard, [&] {
        ++rung;
        shard.stop();
    });
    gone->set(1ms);
    gone.reset();
    last.set(5ms);
    last.set(1h);
    shard.run();
    CHECK(rung == 1);
}
