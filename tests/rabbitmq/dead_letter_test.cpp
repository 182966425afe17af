#include "rabbitmq/dead_letter.hpp"

#include <doctest/doctest.h>
#include <string>
#include <utility>
#include <vector>

using namespace rabbitmq;

namespace {

using header_list = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t ample = 100'000;

dead_letter_cause const cause{.reason = "no such room", .queue = "chat.inbound", .attempts = 4};

delivery bad_delivery() {
    delivery one;
    one.routing_key = "to.all";
    one.content_type = "application/json";
    one.type = "T";
    one.message_id = "e-1";
    one.app_id = "shop";
    one.headers = {{"trace", "17"}, {"x-reason", "an old one"}};
    one.body = "{}";
    return one;
}

header_list const own_headers{{"x-reason", "no such room"},
                              {"x-origin-queue", "chat.inbound"},
                              {"x-origin-key", "to.all"},
                              {"x-origin-app", "shop"},
                              {"x-attempts", "4"}};

header_list own_headers_and(header_list more) {
    auto all = own_headers;
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

std::size_t octets(header_list const& of) {
    std::size_t sum = 0;
    for (auto const& [name, value] : of) sum += header_octets(name, value);
    return sum;
}

}  // namespace

TEST_CASE("a dead letter is what was delivered, with the reason in the place of an old one") {
    auto const letter = make_dead_letter(bad_delivery(), cause, ample);
    CHECK(letter.exchange.empty());
    CHECK(letter.routing_key == "chat.dlq");
    CHECK(letter.content_type == "application/json");
    CHECK(letter.type == "T");
    CHECK(letter.id == "e-1");
    CHECK(letter.body == "{}");
    CHECK(letter.headers == own_headers_and({{"trace", "17"}}));
}

TEST_CASE("headers that do not fit are left out and counted, the small ones stay") {
    auto big = bad_delivery();
    big.headers = {{"a", std::string(60'000, 'a')},
                   {"b", std::string(60'000, 'b')},
                   {"c", std::string(60'000, 'c')},
                   {"trace", "17"}};
    auto const letter = make_dead_letter(big, cause, ample);
    CHECK(letter.headers ==
          own_headers_and({big.headers[0], {"trace", "17"}, {"x-headers-left-out", "2"}}));
}

TEST_CASE("the headers of a dead letter fit, however little room there is") {
    delivery full;
    full.routing_key = full.app_id = std::string(255, 'k');
    full.headers = {{"a", "1"}};
    full.body = std::string((std::size_t{16} << 20U) + 1, 'x');
    auto const reason = std::string(5000, 'r');
    auto const queue = std::string(211, 'q');
    for (std::size_t room = 1000; room != 3000; ++room) {
        auto const letter =
            make_dead_letter(full, {.reason = reason, .queue = queue, .attempts = 4}, room);
        REQUIRE(octets(letter.headers) <= room);
    }
}

TEST_CASE("a body that RabbitMQ may not take is cut to its head, and its size is told") {
    auto large = bad_delivery();
    large.body = std::string(std::size_t{16} << 20U, 'x');
    CHECK(make_dead_letter(large, cause, ample).body.size() == large.body.size());
    large.body.push_back('y');
    auto const letter = make_dead_letter(large, cause, ample);
    CHECK(letter.body == std::string(std::size_t{64} << 10U, 'x'));
    CHECK(letter.headers == own_headers_and({{"trace", "17"}, {"x-body-bytes", "16777217"}}));
}
