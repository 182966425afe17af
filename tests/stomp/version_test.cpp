#include "stomp/version.hpp"

#include "stomp/errors.hpp"

#include <doctest/doctest.h>

namespace stomp {

TEST_CASE("a missing accept-version means 1.0") {
    CHECK(negotiate(std::nullopt).value() == version::v1_0);
}

TEST_CASE("the highest common version is chosen whatever the order of the list") {
    CHECK(negotiate("1.0,1.1,1.2").value() == version::v1_2);
    CHECK(negotiate("1.2,1.1,1.0").value() == version::v1_2);
    CHECK(negotiate("1.1,1.0").value() == version::v1_1);
    CHECK(negotiate("1.0").value() == version::v1_0);
    CHECK(negotiate("1.1").value() == version::v1_1);
    CHECK(negotiate("1.2").value() == version::v1_2);
}

TEST_CASE("unknown versions and spaces in the list are skipped") {
    CHECK(negotiate("2.1, 1.1 ,0.9").value() == version::v1_1);
    CHECK(negotiate(",,1.2,").value() == version::v1_2);
}

TEST_CASE("a list with no common version is refused") {
    for (auto const* list : {"", ",", "2.0", "1.3", "1.20", "v1.2", "1.1.1", "1 .2", "12"}) {
        CAPTURE(list);
        CHECK(negotiate(list).error() == errc::version_not_supported);
    }
}

TEST_CASE("versions and subprotocols name each other") {
    CHECK(to_string(version::v1_0) == "1.0");
    CHECK(to_string(version::v1_1) == "1.1");
    CHECK(to_string(version::v1_2) == "1.2");
    for (auto v : {version::v1_0, version::v1_1, version::v1_2}) {
        CHECK(version_of_subprotocol(subprotocol_name(v)) == v);
    }
    CHECK(subprotocol_name(version::v1_2) == "v12.stomp");
    CHECK(version_of_subprotocol("V11.STOMP") == version::v1_1);
    CHECK(version_of_subprotocol("v13.stomp") == std::nullopt);
    CHECK(version_of_subprotocol("") == std::nullopt);
}

TEST_CASE("the first subprotocol that is ours is chosen") {
    CHECK(choose_subprotocol("v12.stomp, v11.stomp, v10.stomp") == version::v1_2);
    CHECK(choose_subprotocol("v10.stomp,v12.stomp") == version::v1_0);
    CHECK(choose_subprotocol("chat, v11.stomp") == version::v1_1);
    CHECK(choose_subprotocol("chat") == std::nullopt);
    CHECK(choose_subprotocol("") == std::nullopt);
}

}  // namespace stomp
