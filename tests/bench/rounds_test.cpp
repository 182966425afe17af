#include "bench/compare/rounds.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <vector>

using namespace bench;

namespace {

struct world {
    world() : targets(2) {
        targets[0].name = "a";
        targets[1].name = "b";
    }
    rounds_made make(run_of_target const& run) {
        return make_rounds(targets, 3, {parse_expectation("lost == 0")}, run, stop);
    }
    // What each run finds; the first target loses as many as the round's number.
    run_result found(std::size_t round, target const& server) {
        order.push_back(std::to_string(round) + server.name);
        run_result out;
        out.target = server.name;
        double const lost = server.name == "a" ? static_cast<double>(round) : 7;
        out.figures = {{"lost", lost, ""}};
        return out;
    }

    std::vector<target> targets;
    std::vector<std::string> order;
    std::atomic<bool> stop = false;
};

}  // namespace

TEST_CASE("targets have their turns, and the first one is judged in each round") {
    world all;
    auto const made = all.make([&](std::size_t r, target const& of) { return all.found(r, of); });
    CHECK(all.order == std::vector<std::string>{"0a", "0b", "1a", "1b", "2a", "2b"});
    REQUIRE(made.whole.size() == 3);
    CHECK(made.whole[2][1].target == "b");
    CHECK(made.cut_short.empty());
    REQUIRE(made.verdicts.size() == 3);
    CHECK(made.verdicts[0][0].passed);
    CHECK_FALSE(made.verdicts[1][0].passed);
    CHECK_FALSE(made.as_expected());
}

TEST_CASE("what was finished before a failure is kept, and why there is no more is told") {
    world all;
    SUBCASE("a run that threw") {
        auto const made = all.make([&](std::size_t round, target const& of) -> run_result {
            if (round == 1 && of.name == "b") throw std::runtime_error("no such server");
            return all.found(round, of);
        });
        CHECK(made.whole.size() == 1);
        CHECK(made.verdicts.size() == 1);
        CHECK(made.as_expected());
        CHECK(made.cut_short == "round 2 of 3, b: no such server");
    }
    SUBCASE("a run that ended before its time") {
        auto const made = all.make([&](std::size_t round, target const& of) {
            auto out = all.found(round, of);
            if (round == 2) {
                out.failed = true;
                out.errors = {{"connection refused", 3}, {"stopped before its end", 1}};
            }
            return out;
        });
        CHECK(made.whole.size() == 2);
        CHECK(made.cut_short ==
              "round 3 of 3, a: connection refused (3 times); stopped before its end (1 time)");
    }
    SUBCASE("somebody who stops it between two runs") {
        auto const made = all.make([&](std::size_t round, target const& of) {
            all.stop = round == 0 && of.name == "b";
            return all.found(round, of);
        });
        CHECK(made.whole.size() == 1);
        CHECK(made.cut_short == "round 2 of 3, a: stopped");
    }
    SUBCASE("a failure at once") {
        auto const made = all.make(
            [](std::size_t, target const&) -> run_result { throw std::runtime_error("no"); });
        CHECK(made.whole.empty());
        CHECK(made.cut_short == "round 1 of 3, a: no");
    }
}
