#include "bench/scenario/publishers.hpp"

#include "client_support.hpp"
#include "one_thread.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

// Publishers on a loop of the test's own, and a mock server in the same loop.

using namespace bench;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t first_number = 4;

struct stage : test::one_thread, client_listener {
    explicit stage(plan doing, faults const& wrong = {}) : one_thread(std::move(doing), wrong) {
        for (std::uint32_t i = 0; i < 3; ++i) {
            clients.push_back(std::make_unique<stomp_client>(loop, *this, server.client));
            clients.back()->index = i;
            clients.back()->connect(server.urls.front(), {});
        }
        // The last one reads what the two others send.
        for (std::uint32_t i = 0; i < 2; ++i) {
            senders.add({.client = clients[i].get(),
                         .destination = "/topic/a",
                         .body = stamped_text("", 60, ""),
                         .on_way = arrival_book(1)},
                        first_number + i);
        }
        test::until(loop, [&] { return connected == 3 && subscribed; });
    }

    void on_connected(stomp_client& client) override {
        ++connected;
        if (client.index == 2) client.subscribe("s", "/topic/a", "subscribed");
    }
    void on_message(stomp_client&, frame_view message) override {
        auto const seen = find_stamp(message.body());
        REQUIRE(seen);
        CHECK(seen->run == 9);
        arrived[seen->publisher].push_back(*seen);
        senders.on_arrival(senders.place_of(*seen), seen->number);
    }
    void on_receipt(stomp_client& client, std::string_view receipt) override {
        if (client.index == 2) {
            subscribed = true;
        } else {
            CHECK(senders.on_receipt(client.index, receipt));
        }
    }
    void on_error(stomp_client&, frame_view) override {}
    void on_closed(stomp_client&, std::string_view) override {}

    // Until the load is over and all is there.
    void run(bench_clock::duration lasts) {
        auto const start = bench_clock::now();
        record.begin(start, 0s, start + lasts);
        senders.begin(start, 6);
        while (bench_clock::now() < start + lasts) {
            loop.turn(std::min(senders.tick(bench_clock::now()), start + lasts));
        }
        senders.tick(start + lasts - 1ns);
    }

    publishers senders{context};
    std::vector<std::unique_ptr<stomp_client>> clients;
    std::map<std::uint32_t, std::vector<stamp>> arrived;
    int connected = 0;
    bool subscribed = false;
};

plan at_a_rate() {
    plan out;
    out.steps = {{1500, 1500, seconds(0.2)}};  // ours are two publishers of six
    out.warm_up = seconds(0);
    out.receipts = true;
    return out;
}

}  // namespace

TEST_CASE("publishers take turns at the times of the schedule, and stamp when a message was due") {
    stage on(at_a_rate());
    on.run(200ms);
    test::until(on.loop, [&] { return on.senders.settled(); });

    CHECK(on.record.all().lag.count() == 100);
    for (auto const number : {first_number, first_number + 1}) {
        auto const& stamps = on.arrived[number];
        REQUIRE(stamps.size() == 50);
        for (std::size_t i = 0; i < stamps.size(); ++i) {
            CHECK(stamps[i].number == i + 1);
            if (i > 0) CHECK(std::abs((stamps[i].due - stamps[i - 1].due - 4ms) / 1us) < 2);
        }
    }
    CHECK(on.record.all().latencies[static_cast<std::size_t>(latency::receipt)].count() == 100);
    CHECK(on.senders.missing_receipts() == 0);
    CHECK(on.senders.stalls() == 0);
}

TEST_CASE("what is due while a publisher is away is sent when it is back, with its time") {
    stage on(at_a_rate());
    on.senders.hold(0);
    on.run(200ms);
    CHECK(on.senders.held() == 50);
    test::until(on.loop, [&] { return on.arrived[first_number + 1].size() == 50; });
    CHECK(on.arrived[first_number].empty());
    CHECK_FALSE(on.senders.settled());

    on.senders.release(0, bench_clock::now());
    CHECK(on.senders.held() == 0);
    test::until(on.loop, [&] { return on.senders.settled(); });
    auto const& stamps = on.arrived[first_number];
    REQUIRE(stamps.size() == 50);
    for (std::size_t i = 0; i < stamps.size(); ++i) {
        CHECK(stamps[i].number == i + 1);
        if (i > 0) CHECK(std::abs((stamps[i].due - stamps[i - 1].due - 4ms) / 1us) < 2);
    }
    // It was not the bench that was late: half of all messages were sent as soon as it could be.
    CHECK(on.record.all().lag.count() == 100);
    CHECK(on.record.all().lag.steps().front().up_to == 0);
    CHECK(on.record.all().lag.steps().front().values >= 50);
}

TEST_CASE("more than can be sent at once is sent piece by piece") {
    plan what;
    what.steps = {{1'000'000, 1'000'000, seconds(0.2)}};
    stage on(what);
    auto const start = bench_clock::now();
    auto const now = start + 100ms;  // where 100,000 are due
    on.record.begin(start, 0s, now);
    on.senders.begin(start, 2);
    for (std::size_t turn = 1; turn <= 3; ++turn) {
        CHECK(on.senders.tick(now) < now);
        CHECK(on.senders.at(0).sent + on.senders.at(1).sent == turn * most_at_once);
    }
}

TEST_CASE("at full load nothing is sent for a publisher that is away") {
    stage on(plan{});
    on.senders.hold(0);
    on.senders.begin(bench_clock::now(), 2);
    on.senders.tick(bench_clock::now());
    on.senders.probe(0);
    CHECK(on.senders.at(0).sent == 0);
    CHECK(on.senders.at(1).sent == on.what.window);
    on.senders.release(0, bench_clock::now());
    on.senders.tick(bench_clock::now());
    CHECK(on.senders.at(0).sent == on.what.window);
    test::until(on.loop, [&] { return on.senders.settled(); });
}

TEST_CASE("at full load no more than a window is on its way, of each publisher") {
    plan what;
    what.window = 5;
    stage on(what);
    on.record.begin(bench_clock::now(), 0s, bench_clock::now() + 1h);
    on.senders.begin(bench_clock::now(), 2);
    for (int turn = 0; turn < 50; ++turn) {
        on.senders.tick(bench_clock::now());
        for (std::size_t place = 0; place < 2; ++place) {
            CHECK(on.senders.at(place).on_way.open() == 5);
        }
        test::until(on.loop, [&] { return on.senders.at(0).on_way.open() < 5; });
    }
    test::until(on.loop, [&] { return on.senders.settled(); });
}

TEST_CASE("a stamp of another run or publisher is nobody's") {
    stage on(at_a_rate());
    CHECK(on.senders.place_of({9, first_number, 1, {}}) == 0);
    CHECK(on.senders.place_of({9, first_number + 1, 1, {}}) == 1);
    CHECK(on.senders.place_of({8, first_number, 1, {}}) == on.senders.size());
    CHECK(on.senders.place_of({9, first_number - 1, 1, {}}) == on.senders.size());
    CHECK(on.senders.place_of({9, first_number + 2, 1, {}}) == on.senders.size());
}

TEST_CASE("receipts that do not come are counted") {
    stage on(at_a_rate(), {.no_receipt_every = 10});
    on.run(200ms);
    test::until(on.loop, [&] {
        return on.arrived[first_number].size() == 50 && on.arrived[first_number + 1].size() == 50 &&
               on.senders.missing_receipts() == on.mock.done().receipts_withheld;
    });
    CHECK(on.mock.done().receipts_withheld == 10);
    CHECK_FALSE(on.senders.settled());
}
