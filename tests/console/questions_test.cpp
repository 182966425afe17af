#include "node/console/questions.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

// What the query parameters of the console's requests ask for.

using namespace node::console;

namespace {

http_request asking(std::string query) {
    http_request request;
    request.query = std::move(query);
    return request;
}

std::string refusal_of(auto const& answer) {
    REQUIRE(answer.has_error());
    CHECK(answer.error().code == chat::errc::bad_field);
    return answer.error().sentence();
}

}  // namespace

TEST_CASE("without parameters all sessions are asked for, a hundred of them") {
    auto const found = read_session_question(asking(""));
    REQUIRE(found.has_value());
    CHECK(found->user.empty());
    CHECK(found->session.empty());
    CHECK(found->destination.empty());
    CHECK_FALSE(found->slow);
    CHECK(found->limit == 100);
}

TEST_CASE("sessions are asked for by user, session, destination and how slow they are") {
    auto const found = read_session_question(
        asking("user=%ED%99%8D&session=s-1&destination=/topic/a%26b&slow=true&limit=7"));
    REQUIRE(found.has_value());
    CHECK(found->user == "홍");
    CHECK(found->session == "s-1");
    CHECK(found->destination == "/topic/a&b");
    CHECK(found->slow);
    CHECK(found->limit == 7);
}

TEST_CASE("what an action is about stands in its address or in its query") {
    CHECK(*read_named(asking("user=8"), {"7"}, 0, "user") == "7");
    CHECK(*read_named(asking("user=.."), {}, 0, "user") == "..");
    CHECK(*read_named(asking("id=."), {"n", "s"}, 2, "id") == ".");
    CHECK(refusal_of(read_named(asking(""), {}, 0, "user")) == "The parameter 'user' is needed.");
    CHECK(refusal_of(read_named(asking("user="), {}, 0, "user")) ==
          "The parameter 'user' is needed.");
    CHECK(refusal_of(read_named(asking("user=%ff"), {}, 0, "user")) ==
          "The parameter 'user' must be text.");
}

TEST_CASE("a parameter that is no text is refused by its name") {
    for (std::string const name : {"user", "session", "destination", "slow"}) {
        for (auto const* value : {"%00", "a%ff", "%ED%99"}) {
            CAPTURE(value);
            CHECK(refusal_of(read_session_question(asking(name + "=" + value))) ==
                  "The parameter '" + name + "' must be text.");
        }
    }
    CHECK(refusal_of(read_trace_question(asking("user=%00"))) ==
          "The parameter 'user' must be text.");
    CHECK(refusal_of(read_trace_question(asking("destination=%ff"))) ==
          "The parameter 'destination' must be text.");
}

TEST_CASE("slow is true, false or left out") {
    CHECK_FALSE(read_session_question(asking("slow=false"))->slow);
    CHECK_FALSE(read_session_question(asking("slow="))->slow);
    CHECK(refusal_of(read_session_question(asking("slow=yes"))) ==
          "The parameter 'slow' must be true or false.");
}

TEST_CASE("a limit is a whole number within its bounds") {
    CHECK(read_session_question(asking("limit=1"))->limit == 1);
    CHECK(read_session_question(asking("limit=1000"))->limit == 1'000);
    CHECK(*read_room_limit(asking("")) == 50);
    CHECK(*read_room_limit(asking("limit=1000")) == 1'000);
    CHECK(read_trace_question(asking("user=7&seconds=1"))->time == std::chrono::seconds(1));
    CHECK(read_trace_question(asking("user=7&seconds=300"))->time == longest_trace);
    for (auto const* value : {"", "0", "1001", "-1", "1.5", "1x", "99999999999999999999"}) {
        CAPTURE(value);
        auto const query = std::string("limit=") + value;
        CHECK(refusal_of(read_session_question(asking(query))) ==
              "The parameter 'limit' must be a whole number from 1 to 1000.");
        CHECK(refusal_of(read_room_limit(asking(query))) ==
              "The parameter 'limit' must be a whole number from 1 to 1000.");
    }
    for (auto const* value : {"0", "301"}) {
        CHECK(refusal_of(read_trace_question(asking(std::string("user=7&seconds=") + value))) ==
              "The parameter 'seconds' must be a whole number from 1 to 300.");
    }
}

TEST_CASE("a trace is of a user or of a destination, for a minute unless told") {
    auto const of_user = read_trace_question(asking("user=7"));
    REQUIRE(of_user.has_value());
    CHECK(of_user->user == "7");
    CHECK(of_user->destination.empty());
    CHECK(of_user->time == std::chrono::minutes(1));
    CHECK(read_trace_question(asking("destination=/topic/a&user="))->destination == "/topic/a");
    for (auto const* query : {"", "user=", "seconds=5", "user=7&destination=/topic/a"}) {
        CAPTURE(query);
        CHECK(refusal_of(read_trace_question(asking(query))) ==
              "One of the parameters 'user' and 'destination' is needed.");
    }
}
