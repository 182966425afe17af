#include "tests/registry/support.hpp"

#include <doctest/doctest.h>
#include <array>
#include <cstdlib>
#include <random>

// Nodes that enter and leave all the time while Redis is killed, emptied, frozen and its
// connections are cut, by a seed that is printed. STAMPEDE_SEED sets it, STAMPEDE_ROUNDS makes it
// longer.

namespace tests {

namespace {

using namespace std::chrono_literals;

int from_environment(char const* name, int otherwise) {
    char const* const text = std::getenv(name);
    return text == nullptr ? otherwise : std::atoi(text);
}

// Times that fit together, as those of a node do: others are back before they are trusted, even if
// the system lets them wait for some seconds.
void fitting_times(broker::redis::options& options) {
    options.connect_timeout = options.command_timeout = 150ms;
    options.longest_backoff = 40ms;
    options.settle = 5000ms;
    options.lease = 5100ms;
    options.grace = 6000ms;
}

// Enters one destination after another and looks from the other node whether it is found.
class churn {
public:
    churn(broker::registry& here, broker::registry& there, std::string id)
        : thread_([this, &here, &there, id = std::move(id)] {
              for (int i = 0; !stop_; ++i) {
                  broker::interest const what = topic("/topic/" + id + std::to_string(i));
                  enter(here, what);
                  answer const got = lookup(there, {what});
                  if (got && got->front() != node_list{id}) ++missed_;
                  ++(got ? known_ : unknown_);
                  // Some stay for as long as the next hundred.
                  if (i % 7 != 0) here.leave(what);
                  if (i >= 700 && i % 7 == 0) {
                      broker::interest const old = topic("/topic/" + id + std::to_string(i - 700));
                      answer const still = lookup(there, {old});
                      if (still && still->front() != node_list{id}) ++missed_;
                      here.leave(old);
                  }
              }
          }) {}
    ~churn() { stop_ = true; }

    int missed() const { return missed_; }
    int known() const { return known_; }
    int unknown() const { return unknown_; }

private:
    std::atomic<bool> stop_ = false;
    std::atomic<int> missed_ = 0;
    std::atomic<int> known_ = 0;
    std::atomic<int> unknown_ = 0;
    std::jthread thread_;
};

}  // namespace

TEST_CASE("who has entered is never left out, whatever happens to Redis") {
    int const seed =
        from_environment("STAMPEDE_SEED", static_cast<int>(std::random_device{}() >> 2));
    int const rounds = from_environment("STAMPEDE_ROUNDS", 4);
    MESSAGE("seed ", seed);
    std::minstd_rand random(static_cast<unsigned>(seed));
    redis_server server({"--appendonly", "yes", "--appendfsync", "everysec"});
    node a(server, "a", fitting_times);
    node b(server, "b", fitting_times);
    REQUIRE(eventually([&] { return a.complete() && b.complete(); }));
    {
        churn const of_a(*a.registry, *b.registry, "a");
        churn const of_b(*b.registry, *a.registry, "b");
        for (int round = 0; round != rounds; ++round) {
            int const known = of_a.known() + of_b.known();
            switch (random() % 6) {
                case 0: server.run("FLUSHALL"); break;
                case 1: server.run("CLIENT KILL TYPE normal"); break;
                case 2: server.run("SCRIPT FLUSH"); break;
                case 3:
                    server.kill();
                    server.start();
                    break;
                case 4:
                    server.kill();
                    CHECK(eventually([&] { return !a.up() && !b.up(); }));
                    server.start();
                    break;
                default:
                    server.freeze();
                    CHECK(eventually([&] { return !a.up() || !b.up(); }));
                    server.thaw();
            }
            if (random() % 2 == 0) continue;
            CHECK(eventually([&] { return of_a.known() + of_b.known() > known + 100; }));
        }
        CHECK(of_a.missed() == 0);
        CHECK(of_b.missed() == 0);
        int const known = of_a.known() + of_b.known();
        int const unknown = of_a.unknown() + of_b.unknown();
        MESSAGE(known, " found, ", unknown, " to be sent to all");
    }
    // In the end it is as if nothing had happened.
    enter(*a.registry, topic("/topic/end"));
    CHECK(found(*b.registry, topic("/topic/end")) == node_list{"a"});
    CHECK(eventually([&] { return server.run("EXISTS stampede:dead") == "0"; }));
}

}  // namespace tests
