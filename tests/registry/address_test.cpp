#include "broker/registry/redis/address.hpp"

#include <doctest/doctest.h>
#include <stdexcept>

namespace tests {

using broker::redis::parse_place;
using broker::redis::parse_sentinel;
using broker::redis::parse_url;

TEST_CASE("an address says host, port, user, password and database") {
    auto const all = parse_url("redis://anna:p%40ss%2fword@redis.example:7000/3");
    CHECK(all.host == "redis.example");
    CHECK(all.port == 7000);
    CHECK(all.user == "anna");
    CHECK(all.password == "p@ss/word");
    CHECK(all.database == 3);
    CHECK(all.place() == "redis.example:7000");
}

TEST_CASE("what an address does not say has its default") {
    auto const least = parse_url("redis://10.0.0.1");
    CHECK(least.port == 6379);
    CHECK(least.user.empty());
    CHECK(least.password.empty());
    CHECK(least.database == 0);
    CHECK(parse_url("redis://:secret@h/").password == "secret");
    CHECK(parse_url("redis://[::1]:7000/1").host == "::1");
    CHECK(parse_url("redis://[::1]").place() == "[::1]:6379");
    CHECK(parse_place("sentinel", 26379).port == 26379);
    CHECK(parse_place("[::1]:5", 26379).port == 5);
}

TEST_CASE("rediss is TLS, for Sentinels too") {
    CHECK_FALSE(parse_url("redis://h").tls);
    auto const secure = parse_url("rediss://anna:secret@h:7000/3");
    CHECK(secure.tls);
    CHECK(secure.place() == "h:7000");
    CHECK(secure.password == "secret");
    CHECK(parse_url("rediss://h").port == 6379);
    CHECK_FALSE(parse_sentinel("s:5").tls);
    auto const sentinel = parse_sentinel("rediss://s");
    CHECK(sentinel.tls);
    CHECK(sentinel.place() == "s:26379");
}

TEST_CASE("a wrong address is refused without repeating its password") {
    for (char const* wrong :
         {"", "redis://", "rediss://", "rediss://:secret@host:0", "http://:secret@host",
          "redis://:secret@", "redis://:secret@host:99999", "redis://:secret@host:0",
          "redis://:secret@host:x", "redis://:secret@host/x", "redis://secret@host",
          "redis://:secret%4@host", "redis://:secret%zz@host", "redis://[::1", "redis://[::1]7000",
          "redis://:secret@a b", "redis://:secret@a\nb:1", "redis://[[a]:1"}) {
        CAPTURE(wrong);
        try {
            parse_url(wrong);
            FAIL("accepted");
        } catch (std::invalid_argument const& refused) {
            CHECK(std::string(refused.what()).find("secret") == std::string::npos);
        }
    }
}

}  // namespace tests
