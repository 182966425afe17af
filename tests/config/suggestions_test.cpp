#include "config/suggestions.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace config;

TEST_CASE("the nearest candidate is suggested, if it is near") {
    std::vector<std::string> const names{"max_body", "max_headers", "queue", "mode"};
    CHECK(nearest("max_bodi", names) == "max_body");
    CHECK(nearest("maxbody", names) == "max_body");
    CHECK(nearest("max_boyd", names) == "max_body");
    CHECK(nearest("max_header", names) == "max_headers");
    CHECK(nearest("mod", names) == "mode");
    CHECK(nearest("quue", names) == "queue");
    CHECK_FALSE(nearest("port", names));
    CHECK_FALSE(nearest("", names));
    CHECK_FALSE(nearest(std::string(100'000, 'x'), names));
}
