#pragma once

#include "tests/config/support.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

// Settings from a text that has nothing wrong in it; texts stand for the files that it names.

namespace node_test {

using names = std::vector<std::string>;

inline config::settings read(std::string text, config_test::files others = {}) {
    auto const got = config_test::load(std::move(text), {}, {}, std::move(others));
    REQUIRE(config_test::wrong_in(got) == "");
    return got.values;
}

}  // namespace node_test
