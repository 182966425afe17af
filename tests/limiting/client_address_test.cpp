#include "broker/limiting/client_address.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace broker::limiting;

namespace {

client_address at(std::string_view text) {
    auto const parsed = client_address::parse(text);
    REQUIRE_MESSAGE(parsed, std::string(text));
    return *parsed;
}

client_address behind(std::string_view peer, std::vector<std::string_view> const& values) {
    trusted_proxies proxies;
    for (auto const* text : {"10.0.0.0/8", "fd00::/8"}) {
        proxies.networks.push_back(network::parse(text).value());
    }
    return proxies.client_behind(at(peer), values);
}

}  // namespace

TEST_CASE("addresses are read with and without a port") {
    CHECK(at("192.0.2.1") == at("192.0.2.1:5501"));
    CHECK(at("2001:db8::1") == at("[2001:db8::1]:5501"));
    CHECK(at("::ffff:192.0.2.1") == at("192.0.2.1"));
    CHECK(at(" 192.0.2.1 ") == at("192.0.2.1"));
    for (auto const* wrong : {"", "unknown", "192.0.2", "192.0.2.1.example.org", "_hidden", "[]",
                              "2001:db8::1::2", "999.1.1.1"}) {
        CHECK_FALSE(client_address::parse(wrong));
    }
    CHECK_FALSE(client_address::parse(std::string_view("192.0.2.1\0x", 11)));
}

TEST_CASE("an address is written as it is read") {
    for (auto const* text : {"192.0.2.1", "0.0.0.0", "2001:db8::1", "::1"}) {
        CHECK(at(text).text() == text);
    }
    CHECK(at("[2001:0db8:0::1]:5501").text() == "2001:db8::1");
}

TEST_CASE("IPv6 addresses of one /64 count as one, IPv4 addresses each for itself") {
    CHECK(at("2001:db8:0:1::1").key() == at("2001:db8:0:1:ffff::2").key());
    CHECK(at("2001:db8:0:1::1").key() != at("2001:db8:0:2::1").key());
    CHECK(at("192.0.2.1").key() != at("192.0.2.2").key());
}

TEST_CASE("networks contain what they say") {
    auto const contains = [](std::string_view network_text, std::string_view address) {
        return network::parse(network_text).value().contains(at(address));
    };
    CHECK(contains("10.0.0.0/8", "10.255.1.2"));
    CHECK_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
    CHECK(contains("192.0.2.128/25", "192.0.2.200"));
    CHECK_FALSE(contains("192.0.2.128/25", "192.0.2.100"));
    CHECK(contains("192.0.2.1", "192.0.2.1"));
    CHECK_FALSE(contains("192.0.2.1", "192.0.2.2"));
    CHECK(contains("0.0.0.0/0", "8.8.8.8"));
    CHECK_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
    CHECK(contains("2001:db8::/33", "2001:db8:7fff::1"));
    CHECK_FALSE(contains("2001:db8::/33", "2001:db8:8000::1"));
    for (auto const* wrong :
         {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "/8", "::/129"}) {
        CHECK_FALSE(network::parse(wrong));
    }
}

TEST_CASE("a header of somebody who is no trusted proxy is not believed") {
    CHECK(behind("192.0.2.1:99", {"198.51.100.7"}) == at("192.0.2.1"));
}

TEST_CASE("the client is the first from the back that is no trusted proxy") {
    CHECK(behind("10.0.0.1", {"198.51.100.7"}) == at("198.51.100.7"));
    CHECK(behind("10.0.0.1", {"198.51.100.7, 10.0.0.2"}) == at("198.51.100.7"));
    // What a client has put there itself stands further to the front.
    CHECK(behind("10.0.0.1", {"203.0.113.5, 198.51.100.7"}) == at("198.51.100.7"));
    CHECK(behind("10.0.0.1", {"203.0.113.5", "198.51.100.7, 10.0.0.2"}) == at("198.51.100.7"));
    CHECK(behind("fd00::1", {"2001:db8::5"}) == at("2001:db8::5"));
}

TEST_CASE("what is no address ends the way back") {
    CHECK(behind("10.0.0.1", {}) == at("10.0.0.1"));
    CHECK(behind("10.0.0.1", {""}) == at("10.0.0.1"));
    CHECK(behind("10.0.0.1", {"198.51.100.7, unknown, 10.0.0.2"}) == at("10.0.0.2"));
    CHECK(behind("10.0.0.1", {"198.51.100.7,"}) == at("10.0.0.1"));
}
