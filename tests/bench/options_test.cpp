#include "bench/plan/command_line.hpp"
#include "bench/plan/shell_line.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

using namespace bench;

TEST_CASE("a command is shown as a shell takes it") {
    CHECK(shell_line({"fan-out", "--rate", "5", "--body=60"}) == "fan-out --rate 5 --body=60");
    CHECK(shell_line({"--step", "5/s for 1 s", "--login", ""}) ==
          "--step '5/s for 1 s' --login ''");
    CHECK(shell_line({"--login", "it's"}) == R"(--login 'it'\''s')");
    for (auto const* word : {"{}", "a*", "a?b", "$HOME", "a\nb", "`id`", "a\\b", "#a", "~", "a|b",
                             "a&b", "!a", "(a)", "<a>", "\"a\"", "[a]", "\xc3\xa9"}) {
        CHECK(shell_line({"--login", word}) == std::string("--login '") + word + "'");
    }
}

TEST_CASE("a command is shown without its secrets") {
    CHECK(shell_line({"--passcode", "secret", "--login", "me"}) == "--passcode '***' --login me");
    CHECK(shell_line({"--passcode", "secret", "idle"}) == "--passcode '***' idle");
    CHECK(shell_line({"--passcode=secret"}) == "'--passcode=***'");
    CHECK(shell_line({"--target", "name=a; passcode=a=b;pid=1"}) ==
          "--target 'name=a; passcode=***;pid=1'");
    CHECK(shell_line({"--target=url=ws://h/ws?token=t;pid=1"}) ==
          "'--target=url=ws://h/ws?token=***;pid=1'");
    CHECK(shell_line({"--url", "ws://h/ws?a=1&access_token=t&b=2"}) ==
          "--url 'ws://h/ws?a=1&access_token=***&b=2'");
    CHECK(shell_line({"--header", "Authorization: Bearer t", "passcode:p", "x-app: bench"}) ==
          "--header 'Authorization: ***' 'passcode: ***' 'x-app: bench'");
    CHECK(shell_line({"--target", "name=a;token_file=tokens"}) ==
          "--target 'name=a;token_file=tokens'");
}

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
