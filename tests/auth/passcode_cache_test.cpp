#include "broker/auth/passcode_cache.hpp"

#include <doctest/doctest.h>

using namespace broker;
using namespace broker::auth;
using namespace std::chrono_literals;

namespace {

principal_ptr somebody() {
    return std::make_shared<principal const>();
}
steady_time const start{1h};

}  // namespace

TEST_CASE("a digest tells login and passcode apart, and differs in every process") {
    passcode_digester const digest;
    CHECK(digest("ab", "c") == digest("ab", "c"));
    CHECK(digest("ab", "c") != digest("a", "bc"));
    CHECK(digest("ab", "c") != digest("ab", "d"));
    CHECK(digest("ab", "c") != passcode_digester()("ab", "c"));
}

TEST_CASE("an entry is found until its time to live is over, however often it is asked for") {
    passcode_digester const digest;
    passcode_cache cache(60s, 10);
    auto const who = somebody();
    cache.add(digest("a", "1"), who, start);
    CHECK(cache.find(digest("a", "1"), start + 59s) == who);
    cache.add(digest("a", "1"), who, start + 59s);  // found right again meanwhile
    CHECK(cache.find(digest("a", "1"), start + 60s) == nullptr);
    CHECK(cache.size() == 0);
    CHECK(cache.find(digest("a", "2"), start) == nullptr);
}

TEST_CASE("a full cache forgets the oldest entry") {
    passcode_digester const digest;
    passcode_cache cache(60s, 2);
    cache.add(digest("a", "1"), somebody(), start);
    cache.add(digest("b", "1"), somebody(), start + 1s);
    cache.add(digest("c", "1"), somebody(), start + 2s);
    CHECK(cache.size() == 2);
    CHECK(cache.find(digest("a", "1"), start + 2s) == nullptr);
    CHECK(cache.find(digest("b", "1"), start + 2s) != nullptr);
    CHECK(cache.find(digest("c", "1"), start + 2s) != nullptr);
}

TEST_CASE("a cache without time or room keeps nothing") {
    passcode_digester const digest;
    passcode_cache timeless(0s, 2);
    timeless.add(digest("a", "1"), somebody(), start);
    CHECK(timeless.find(digest("a", "1"), start) == nullptr);
    passcode_cache roomless(60s, 0);
    roomless.add(digest("a", "1"), somebody(), start);
    CHECK(roomless.find(digest("a", "1"), start) == nullptr);
}
