#include "tests/rabbitmq/support.hpp"
#include "tests/support/tls_listener.hpp"

#include <doctest/doctest.h>
#include <algorithm>
#include <string>

// Links over TLS: what they carry, and with whom they are not made.

using namespace tests;

namespace {

std::string at(std::string const& scheme, std::string const& host, int port) {
    return scheme + "://guest:guest@" + host + ":" + std::to_string(port);
}

// The first reason why a node does not reach `url`; it never does.
std::string refusal(std::string const& url, std::string const& ca_file) {
    test_node stranger("stranger", nullptr, [&](rabbitmq::options& options) {
        options.urls = {url};
        options.ca_file = ca_file;
    });
    // Of both links: they try again.
    REQUIRE(stranger.log.wait_for_count(4));
    CHECK(stranger.links.all().empty());
    auto const all = stranger.log.all();
    for (auto const& line : all) {
        CHECK(line.starts_with("rabbitmq_unreachable: "));
        CHECK(line.find("guest") == std::string::npos);
    }
    return all.front();
}

bool says(std::string const& text, std::string const& part) {
    bool const said = text.find(part) != std::string::npos;
    if (!said) MESSAGE(text);
    return said;
}

}  // namespace

TEST_CASE("a link over TLS carries what a plain one does") {
    test_node a("a", nullptr, over_tls);
    test_node b("b", nullptr, over_tls);
    REQUIRE(a.wait_until_up());
    REQUIRE(b.wait_until_up());
    a.registry.set_away(true);
    a.bus().publish({to_topic("/topic/room", std::string(2'000'000, 'x'))});
    for (std::size_t i = 0; i != 1000; ++i) {
        a.bus().publish({to_topic("/topic/room", std::to_string(i))});
    }
    REQUIRE(b.sink.events().wait_for_last("/topic/room 999"));
    CHECK(b.sink.events().all().size() == 1001);
}

TEST_CASE("a node over TLS and a plain one hear each other") {
    test_node a("a", nullptr, over_tls);
    test_node b("b");
    REQUIRE(a.wait_until_up());
    REQUIRE(b.wait_until_up());
    a.registry.set_away(true);
    b.registry.set_away(true);
    a.bus().publish({to_topic("/topic/room", "there")});
    REQUIRE(b.sink.events().wait_for_last("/topic/room there"));
    b.bus().publish({to_topic("/topic/room", "back")});
    REQUIRE(a.sink.events().wait_for_last("/topic/room back"));
}

TEST_CASE("a link over TLS that is lost comes back") {
    test_node a("a", nullptr, over_tls);
    REQUIRE(a.wait_until_up());
    rabbitmq_server::shared().control({"close_all_connections", "a test"});
    // Each is lost and comes back, together or one after the other.
    REQUIRE(a.links.wait([](auto const& all) {
        auto const both = std::ranges::find(all, link_state{true, true});
        return std::any_of(both, all.end(), [](auto const& each) { return !each.first; }) &&
               std::any_of(both, all.end(), [](auto const& each) { return !each.second; }) &&
               all.back() == link_state{true, true};
    }));
    CHECK(std::ranges::any_of(a.log.all(), [](std::string const& line) {
        return line.starts_with("rabbitmq_lost") && line.find("a test") != std::string::npos;
    }));
}

TEST_CASE("a server from an authority that is not trusted is refused") {
    auto const& server = rabbitmq_server::shared();
    CHECK(says(refusal(server.tls_url(), ""),
               "the server's certificate comes from an authority that is not trusted"));
    certificate_authority const other("Other Authority");
    CHECK(says(refusal(server.tls_url(), other.file()), other.file()));
}

TEST_CASE("a server with a certificate for another name is refused") {
    auto const& server = rabbitmq_server::shared();
    CHECK(says(refusal(at("amqps", "127.0.0.1", server.tls_port()), server.certificate_file()),
               "the server's certificate is not for 127.0.0.1 but for DNS:localhost"));
}

TEST_CASE("a server with a certificate that has expired is refused") {
    certificate_authority const authority("Test Authority");
    tls_listener const server(authority.issue("DNS:localhost", {-2, -1}));
    CHECK(says(refusal(at("amqps", "localhost", server.port()), authority.file()),
               "the server's certificate has expired, at "));
}

TEST_CASE("TLS with a plain port, and plain AMQP with a port for TLS, are called what they are") {
    auto const& server = rabbitmq_server::shared();
    CHECK(says(refusal(at("amqps", "127.0.0.1", server.port()), server.certificate_file()),
               "what answers there does not speak TLS"));
    CHECK(says(refusal(at("amqp", "localhost", server.tls_port()), ""), "amqps://"));
}

TEST_CASE("a file of authorities that is gone when a link is made is named") {
    auto const& server = rabbitmq_server::shared();
    CHECK(says(refusal(server.tls_url(), "/nowhere/ca.pem"), "/nowhere/ca.pem cannot be read"));
}
