#include "bench/plan/command_line.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

using namespace bench;

TEST_CASE("every option has a name of its own and says what it is for") {
    auto const all = option_texts();
    CHECK(all.size() > 40);
    std::set<std::string> names;
    for (auto const& each : all) {
        CAPTURE(each.name);
        CHECK(each.help.size() > 5);
        CHECK(names.insert(each.name).second);
    }
    for (auto const* name : {"--version", "--passcode", "--rooms", "--warm-up", "--threads",
                             "--connect-timeout", "--expect", "scenario"}) {
        CAPTURE(name);
        CHECK(names.contains(name));
    }
}
