#include "broker/auth/passcode_hash.hpp"

#include <doctest/doctest.h>

using namespace broker::auth;

namespace {
constexpr argon2_cost lowest_cost{64, 1, 1};
}

TEST_CASE("a hash fits its own passcode and no other") {
    auto const hash = hash_passcode("guest", lowest_cost);
    CHECK(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
    CHECK(passcode_fits("guest", hash));
    CHECK_FALSE(passcode_fits("Guest", hash));
    CHECK_FALSE(passcode_fits("", hash));
    CHECK_FALSE(passcode_fits("guest ", hash));
}

TEST_CASE("two hashes of one passcode differ in their salt") {
    CHECK(hash_passcode("guest", lowest_cost) != hash_passcode("guest", lowest_cost));
}

TEST_CASE("a passcode may hold any octets, NUL too") {
    std::string_view const odd("a\0b\xff", 4);
    auto const hash = hash_passcode(odd, lowest_cost);
    CHECK(passcode_fits(odd, hash));
    CHECK_FALSE(passcode_fits("a", hash));
}

TEST_CASE("a hash that another program made is understood") {
    // argon2 reference implementation: echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1
    CHECK(passcode_fits("password",
                        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$"
                        "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"));
}

TEST_CASE("the cost is read from a well-formed hash only") {
    auto const hash = hash_passcode("guest", {128, 3, 2});
    CHECK(cost_of(hash) == argon2_cost{128, 3, 2});
    CHECK(cost_of(hash_passcode("guest", lowest_cost)) == lowest_cost);
    for (auto const* text : {
             "",
             "guest",
             "$2b$12$abcdefghijklmnopqrstuv",
             "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
             "$argon2id$v=16$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
             "$argon2id$v=19$m=64,t=0,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
             "$argon2id$v=19$m=4,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
             "$argon2id$v=19$m=9999999,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8",
             "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ",
             "$argon2id$v=19$m=64,t=1,p=1$$",
             "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$short",
             "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8Ar ZWb2GRP",
         }) {
        CAPTURE(text);
        CHECK_FALSE(cost_of(text));
    }
}

TEST_CASE("what is no hash fits nothing") {
    CHECK_FALSE(passcode_fits("guest", ""));
    CHECK_FALSE(passcode_fits("", ""));
    CHECK_FALSE(passcode_fits("guest", "guest"));
}
