#include "bench/scenario/connector.hpp"

#include "client_support.hpp"
#include "one_thread.hpp"

#include <cstddef>
#include <cstdint>

// Clients that a scenario connects, and a mock server in the same loop.

using namespace bench;
using namespace std::chrono_literals;

namespace {

struct connecting : test::one_thread, client_listener {
    explicit connecting(double connects_per_second) : one_thread({}) {
        what.connects_per_second = connects_per_second;
        for (std::uint64_t number = 1; number <= 3; ++number) clients.add(number);
    }

    void on_connected(stomp_client& client) override { clients.on_connected(client); }
    void on_message(stomp_client&, frame_view) override {}
    void on_receipt(stomp_client&, std::string_view) override {}
    void on_error(stomp_client&, frame_view error) override { clients.on_error(error); }
    void on_closed(stomp_client& client, std::string_view reason) override {
        clients.on_closed(client, reason);
    }

    // Until all are there.
    void connect_all() {
        test::until(loop, [&] {
            clients.tick(bench_clock::now());
            return clients.connected() == clients.size();
        });
    }

    connector clients{context, *this};
};

}  // namespace

TEST_CASE("who comes back keeps to the pace, from then on") {
    connecting on(100);
    auto const begun = bench_clock::now();
    on.clients.connect_all(begun);
    CHECK(on.clients.tick(begun) == begun + 10ms);
    on.connect_all();

    for (std::size_t place = 0; place < 3; ++place) on.clients.close(on.clients.at(place), false);
    // The turns of the pace that have passed meanwhile are nobody's.
    auto const again = bench_clock::now() + 10s;
    on.clients.connect_all(again);
    CHECK(on.clients.tick(again) == again + 10ms);
    CHECK(on.clients.tick(again + 10ms) == again + 20ms);
}

TEST_CASE("who was due before it was free is late") {
    connecting on(100);
    auto const begun = bench_clock::now();
    on.record.begin(begun - 20s, 0s, begun + 1h);
    on.clients.connect(on.clients.at(0), begun - 10s);
    on.clients.connect(on.clients.at(1), bench_clock::time_point::min());
    // Both were due long ago: 10 s and 9.99 s.
    CHECK(on.clients.tick(begun) == bench_clock::time_point::max());
    test::until(on.loop, [&] { return on.clients.connected() == 2; });
    auto const& took = on.record.all().latencies[static_cast<std::size_t>(latency::connect)];
    CHECK(took.count() == 2);
    CHECK(took.min() >= 9'990'000'000);
}

TEST_CASE("what a server says of a failure goes before how the connection ended") {
    connecting on(0);
    CHECK(on.clients.last_failure().empty());
    on.clients.on_closed(on.clients.at(0), "closed by the server: 1008 policy");
    CHECK(on.clients.last_failure() == "closed by the server: 1008 policy");
    on.clients.on_error(frame_view("ERROR\nmessage:Bad credentials\n\n"));
    on.clients.on_closed(on.clients.at(0), "closed by the server: 1008 policy");
    CHECK(on.clients.last_failure() == "ERROR: Bad credentials");
}
