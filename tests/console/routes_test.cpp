#include "node/console/routes.hpp"

#include <doctest/doctest.h>

// The console's addresses.

using namespace node::console;
using words = std::vector<std::string>;

TEST_CASE("an address is found with what stands for its braces, decoded") {
    auto const found =
        find_route("DELETE", "/console/api/nodes/n%201/sessions/abc-1/subscriptions/a%2Fb");
    CHECK(found.what == action::end_subscription);
    CHECK(found.parameters == words{"n 1", "abc-1", "a/b"});
}

TEST_CASE("an address that takes other methods says which") {
    auto const found = find_route("POST", "/console/api/nodes/n/sessions/s");
    CHECK_FALSE(found.what);
    CHECK(found.allow == "GET, HEAD, DELETE");
}

TEST_CASE("who is banned, and which subscription ends, may be named outside of the address") {
    CHECK(find_route("PUT", "/console/api/bans").what == action::ban);
    CHECK(find_route("DELETE", "/console/api/bans").what == action::unban);
    CHECK(find_route("PUT", "/console/api/bans/7").parameters == words{"7"});
    auto const found = find_route("DELETE", "/console/api/nodes/n/sessions/s/subscriptions");
    CHECK(found.what == action::end_subscription);
    CHECK(found.parameters == words{"n", "s"});
    CHECK(find_route("DELETE", "/console/api/nodes/n/sessions/s/subscriptions/").allow.empty());
}

TEST_CASE("HEAD is answered as GET is") {
    CHECK(find_route("HEAD", "/console/api/nodes").what == action::list_nodes);
}

TEST_CASE("what is no address is not found") {
    for (auto const* path :
         {"/console/api", "/console/api/", "/console/api/nodes/", "/console/api/nodes/n",
          "/console/api/nodes//overview", "/console/api/nodes/n/overview/",
          "/console/api/nodes/n/overview/more", "/console/api/bans/"}) {
        CAPTURE(path);
        CHECK(find_route("GET", path).allow.empty());
    }
}

TEST_CASE("only what names a node is a node's") {
    CHECK(is_of_a_node(action::overview));
    CHECK(is_of_a_node(action::rooms));
    CHECK(is_of_a_node(action::list_sessions));
    CHECK(is_of_a_node(action::show_session));
    CHECK(is_of_a_node(action::kick));
    CHECK(is_of_a_node(action::end_subscription));
    CHECK(is_of_a_node(action::trace));
    CHECK_FALSE(is_of_a_node(action::list_nodes));
    CHECK_FALSE(is_of_a_node(action::list_bans));
    CHECK_FALSE(is_of_a_node(action::ban));
    CHECK_FALSE(is_of_a_node(action::unban));
    CHECK_FALSE(is_of_a_node(action::broadcast));
}
