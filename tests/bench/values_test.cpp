#include "bench/plan/values.hpp"
#include "bench/plan/scenario_flags.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <utility>

using namespace bench;

namespace {

// What `call` throws says both what was given and what was expected.
template <class Call>
void refuses(Call call, std::string const& given, std::string const& expected) {
    CAPTURE(given);
    try {
        static_cast<void>(call());
        FAIL_CHECK("was taken");
    } catch (std::invalid_argument const& error) {
        std::string const text = error.what();
        CAPTURE(text);
        CHECK(text.find(given) != std::string::npos);
        CHECK(text.find(expected) != std::string::npos);
    }
}

std::string refusal(plan const& what, target const& server) {
    try {
        check(what, server);
    } catch (std::invalid_argument const& error) {
        return error.what();
    }
    return {};
}

target of_profile(std::string_view name) {
    target out;
    out.client.virtual_host.clear();
    complete(out, name);
    return out;
}

}  // namespace

TEST_CASE("times have units, and seconds without one") {
    CHECK(parse_seconds("5 s") == seconds(5));
    CHECK(parse_seconds("5s") == seconds(5));
    CHECK(parse_seconds(" 1.5 ") == seconds(1.5));
    CHECK(parse_seconds("250 ms") == seconds(0.25));
    CHECK(parse_seconds("2 min") == seconds(120));
    CHECK(parse_seconds("1 h") == seconds(3600));
    CHECK(parse_seconds("0") == seconds(0));
    for (auto const* text : {"", "s", "-1 s", "5 days", "1.2.3 s", "inf", "5 s later"}) {
        refuses([&] { return parse_seconds(text); }, std::string("\"") + text + "\"",
                "a time such as 5 s");
    }
}

TEST_CASE("steps are a rate or a ramp, and a time") {
    auto const steady = parse_step("20000/s for 5 s");
    CHECK(steady.from == 20000);
    CHECK(steady.to == 20000);
    CHECK(steady.lasts == seconds(5));
    auto const ramp = parse_step("0 .. 0.5/s for 2 min");
    CHECK(ramp.from == 0);
    CHECK(ramp.to == 0.5);
    CHECK(ramp.lasts == seconds(120));
    CHECK(parse_step("10..0/s for 1").to == 0);
    for (auto const* text :
         {"", "5", "5/s", "/s for 5 s", "-5/s for 5 s", "5..-5/s for 5 s", "0/s for 5 s",
          "5/s for 0 s", "inf/s for 1 s", "nan/s for 1 s", "1..nan/s for 1 s", "x/s for 1 s",
          "1..2..3/s for 1 s", "1e300/s for 1 s"}) {
        refuses([&] { return parse_step(text); }, std::string("\"") + text + "\"",
                "RATE/s for TIME");
    }
    refuses([] { return parse_step("5/s for ever"); }, "\"ever\"", "a time such as 5 s");
}

TEST_CASE("the address for HTTP is a host and a port") {
    auto const plain = parse_rest_url("http://one:8080");
    CHECK(plain.host == "one");
    CHECK(plain.port == 8080);
    CHECK_FALSE(plain.tls);
    auto const tls = parse_rest_url("https://[::1]/");
    CHECK(tls.host == "::1");
    CHECK(tls.port == 443);
    CHECK(tls.tls);
    for (auto const* text :
         {"", "one:8080", "ws://one", "http://", "http://one/api", "http://one:x"}) {
        refuses([&] { return parse_rest_url(text); }, text, "expected http://HOST[:PORT]");
    }
}

TEST_CASE("rooms and history over TCP need an address for HTTP") {
    target tcp;
    tcp.urls = {parse_url("stomp://one:61613")};
    complete(tcp, "stampede");
    plan rooms;
    rooms.stored = true;
    auto const told = refusal(rooms, tcp);
    CHECK(told.find("stomp://one:61613") != std::string::npos);
    CHECK(told.find("--rest-url") != std::string::npos);
    auto both = tcp;
    both.rest = parse_rest_url("http://one:8080");
    CHECK(refusal(rooms, both).empty());
    // These ask nobody.
    rooms.first_room = 7;
    CHECK(refusal(rooms, tcp).empty());
    CHECK(refusal(plan{}, tcp).empty());
    // History is read of rooms that are there, too.
    plan chat = rooms;
    chat.kind = scenario_kind::chat;
    chat.stored = true;
    chat.steps = {{1, 1, seconds(1)}};
    CHECK(refusal(chat, tcp) == told);
    CHECK(parse_target("name=a;rest_url=https://two", tcp).rest->port == 443);
}

TEST_CASE("headers have a name") {
    CHECK(parse_header("a: b:c ") == std::pair<std::string, std::string>("a", "b:c"));
    CHECK(parse_header("a:") == std::pair<std::string, std::string>("a", ""));
    for (auto const* text : {"", "a", ":b"}) {
        refuses([&] { return parse_header(text); }, text, "a header");
    }
    for (auto const* text : {"a\nb: c", "a: b\r", "a\t: b", "a: \x7f"}) {
        refuses([&] { return parse_header(text); }, "a header", "control characters");
    }
    CHECK(parse_header("a: \xc3\xa9").second == "\xc3\xa9");
}

TEST_CASE("scenarios are known by their names") {
    for (auto const kind : {scenario_kind::connect, scenario_kind::idle, scenario_kind::fan_out,
                            scenario_kind::direct, scenario_kind::churn, scenario_kind::resume,
                            scenario_kind::slow, scenario_kind::chat}) {
        CHECK(parse_scenario(to_string(kind)) == kind);
    }
    refuses([] { return parse_scenario("dance"); }, "\"dance\"",
            "connect, idle, fan-out, direct, churn, resume, slow, chat");
}

TEST_CASE("a target has its own values over the common ones") {
    target common = of_profile("stampede");
    common.pids = {5};
    common.login = "common";
    auto const got = parse_target(
        "name=a; profile=rabbitmq;url=ws://one:1/ws;url=stomp://two:2;pid=7;pid=8;login=l;passcode="
        "p;user=3",
        common);
    CHECK(got.name == "a");
    CHECK(got.as == find_profile("rabbitmq"));
    REQUIRE(got.urls.size() == 2);
    CHECK(got.urls[1].host == "two");
    CHECK(got.pids == std::vector<pid_t>{7, 8});
    CHECK(got.login == "l");
    CHECK(got.passcode == "p");
    CHECK(got.user == 3);

    auto const same = parse_target("name=b", common);
    CHECK(same.pids == common.pids);
    CHECK(same.login == "common");
    CHECK(same.urls.front().url == common.urls.front().url);

    CHECK(parse_target("name=b; ", common).name == "b");
    refuses([&] { return parse_target("name=b;;pid=7", common); }, "\"name=b;;pid=7\"",
            "key=value");
    refuses([&] { return parse_target("", common); }, "\"\"", "key=value");
    refuses([&] { return parse_target("name", common); }, "\"name\"", "key=value");
    refuses([&] { return parse_target("colour=red", common); }, "\"colour\"", "token_secret_file");
    refuses([&] { return parse_target("pid=x", common); }, "\"x\"", "the number of a process");
    refuses([&] { return parse_target("pid=0", common); }, "\"0\"", "the number of a process");
    refuses([&] { return parse_target("user=me", common); }, "\"me\"", "the number of a user");
    refuses([&] { return parse_target("profile=none", common); }, "\"none\"",
            "stampede, rabbitmq, spring, activemq");
}

TEST_CASE("how a target's users log in goes before the common way") {
    target common = of_profile("stampede");
    common.login = "common";
    auto const listed = parse_target("name=a;token_file=t", common);
    CHECK(listed.token_file == "t");
    CHECK(listed.login.empty());
    auto const own =
        parse_target("name=b;token_secret_file=s;token_claims={\"sub\":\"{}\"}", listed);
    CHECK(own.token_secret_file == "s");
    CHECK(own.token_claims == R"({"sub":"{}"})");
    CHECK(own.token_file.empty());
    auto const named = parse_target("name=c;login=l;passcode=p", own);
    CHECK(named.login == "l");
    CHECK(named.passcode == "p");
    CHECK(named.token_secret_file.empty());
    common.passcode = "shared";
    CHECK(parse_target("name=d;login=l", common).passcode == "shared");

    for (auto const* both : {"login=l;token_file=t", "token_file=t;token_secret_file=s",
                             "token_secret_file=s;passcode=p"}) {
        refuses([&] { return parse_target(both, common); }, "token_",
                "exclude each other: each says who the clients are");
    }
}

TEST_CASE("flags are for the scenarios that do something with them") {
    using enum scenario_kind;
    auto const taken = [](scenario_kind kind, std::string const& flag) {
        try {
            check_flags(kind, {"--rooms-of-nobody", flag});
        } catch (std::invalid_argument const& error) {
            return std::string(error.what());
        }
        return std::string("taken");
    };
    CHECK(taken(direct, "--receipts") ==
          "--receipts is for fan-out, resume, slow, chat, not for direct");
    CHECK(taken(fan_out, "--pairs") == "--pairs is for direct, not for fan-out");
    CHECK(taken(resume, "--publishers-stay") == "taken");
    CHECK(taken(slow, "--slow-readers") == "taken");
    CHECK(taken(fan_out, "--slow-readers") == "--slow-readers is for slow, not for fan-out");
    CHECK(taken(fan_out, "--turnover") == "--turnover is for chat, not for fan-out");
    CHECK(taken(chat, "--stored") == "taken");
    for (auto const kind : {connect, idle, churn}) {
        CHECK(taken(kind, "--stored").starts_with("--stored is for "));
        CHECK(taken(kind, "--sessions") == "taken");
        CHECK(taken(kind, "--heart-beat") == "taken");
    }
}

TEST_CASE("a profile fills in what was not given") {
    auto const rabbit = of_profile("rabbitmq");
    CHECK(rabbit.name == "rabbitmq");
    CHECK(rabbit.urls.front().port == 15674);
    CHECK(rabbit.client.virtual_host == "/");
    CHECK(rabbit.login == "guest");

    target given;
    given.client.virtual_host = "mine";
    given.login = "me";
    given.name = "name";
    given.urls = {parse_url("stomp://other:7")};
    complete(given, "activemq");
    CHECK(given.client.virtual_host == "mine");
    CHECK(given.login == "me");
    CHECK(given.passcode.empty());
    CHECK(given.name == "name");
    CHECK(given.urls.front().host == "other");

    target twice;
    twice.pids = {7, 5, 7};
    complete(twice, "stampede");
    CHECK(twice.pids == std::vector<pid_t>{5, 7});
    CHECK(parse_target("name=a;pid=9;pid=9", twice).pids == std::vector<pid_t>{9});

    target with_tokens;
    with_tokens.token_file = "tokens";
    complete(with_tokens, "stampede");
    CHECK(with_tokens.login.empty());
}

TEST_CASE("a plan is held against itself and its server") {
    auto const stampede = of_profile("stampede");
    auto const spring = of_profile("spring");
    plan what;
    CHECK(refusal(what, stampede).empty());
    CHECK(refusal(what, spring).empty());

    plan stored = what;
    stored.stored = true;
    CHECK(refusal(stored, stampede).empty());
    CHECK(refusal(stored, spring) ==
          "Spring's STOMP broker has no rooms of stored messages: leave out --stored");

    plan receipts = what;
    receipts.receipts = true;
    CHECK(refusal(receipts, spring) ==
          "Spring's STOMP broker answers no receipts: leave out --receipts");

    plan nobody = what;
    nobody.subscribers = 0;
    CHECK(refusal(nobody, stampede).find("--receipts") != std::string::npos);
    nobody.receipts = true;
    CHECK(refusal(nobody, stampede).empty());

    plan short_one = what;
    short_one.lasts = seconds(0);
    CHECK(refusal(short_one, stampede) == "--duration must be more than 0");
    short_one.steps = {{1, 1, seconds(1)}};
    CHECK(refusal(short_one, stampede).empty());

    plan chat = what;
    chat.kind = scenario_kind::chat;
    CHECK(refusal(chat, stampede) == "a chat has a rate: give --rate or --step");
    chat.steps = {{1, 1, seconds(1)}};
    CHECK(refusal(chat, stampede).empty());
    chat.subscribers = 0;
    CHECK(refusal(chat, stampede).find("--subscribers") != std::string::npos);

    plan slow = what;
    slow.kind = scenario_kind::slow;
    slow.slow_readers = 10;
    CHECK(refusal(slow, stampede).find("not all subscribers can be slow") != std::string::npos);
    slow.slow_readers = 9;
    CHECK(refusal(slow, stampede).empty());

    for (auto const kind : {scenario_kind::connect, scenario_kind::idle, scenario_kind::churn}) {
        plan silent = what;
        silent.kind = kind;
        CHECK(refusal(silent, stampede).empty());
        silent.steps = {{1, 1, seconds(1)}};
        CHECK(refusal(silent, stampede) == std::string(to_string(kind)) +
                                               " sends no messages: its rate is "
                                               "--connects-per-second");
    }
}

TEST_CASE("the load begins with a warm-up at the rate of its first step") {
    plan what;
    CHECK(what.all_steps().empty());
    CHECK(what.measured() == what.lasts);
    what.warm_up = seconds(2);
    what.steps = {{10, 20, seconds(3)}, {20, 20, seconds(4)}};
    auto const steps = what.all_steps();
    REQUIRE(steps.size() == 3);
    CHECK(steps[0].from == 10);
    CHECK(steps[0].to == 10);
    CHECK(steps[0].lasts == seconds(2));
    CHECK(what.measured() == seconds(7));
}
