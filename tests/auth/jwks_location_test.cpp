#include "broker/auth/jwt/jwks_location.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace broker::auth;

TEST_CASE("of an address only what is no secret gets into a log") {
    CHECK(fit_for_a_log("https://a.org:8443/keys") == "https://a.org:8443/keys");
    CHECK(fit_for_a_log("https://a.org/keys?key=secret") == "https://a.org/keys");
    CHECK(fit_for_a_log("https://a.org/keys#secret") == "https://a.org/keys");
    CHECK(fit_for_a_log("http://joe:secret@a.org/keys") == "http://a.org/keys");
    CHECK(fit_for_a_log("http://joe:top/secret@a.org/keys?key=secret") == "http://a.org/keys");
    CHECK(fit_for_a_log("http://joe:top?secret@a.org/keys") == "http://a.org/keys");
    CHECK(fit_for_a_log("http://joe@secret@a.org") == "http://a.org");
    CHECK(fit_for_a_log("http://a.org?secret") == "http://a.org");
}

TEST_CASE("a path is shown as it is") {
    CHECK(fit_for_a_log("/etc/keys@home?.json") == "/etc/keys@home?.json");
}

TEST_CASE("an address that cannot be read is refused without repeating it") {
    check_address("https://joe:secret@a.org:8443/keys?x=y");
    for (auto const* address : {"http://joe:secret@a.org:xx/", "http://joe:secret/x@a.org/",
                                "http://joe:secret@a.org:70000/", "secret"}) {
        CAPTURE(std::string(address));
        try {
            check_address(address);
            FAIL_CHECK("it was taken");
        } catch (std::invalid_argument const& refusal) {
            CHECK(std::string(refusal.what()).find("secret") == std::string::npos);
        }
    }
}
