#include "node/console/trace_line.hpp"

#include <doctest/doctest.h>
#include <vector>

// What of a frame is shown.

using namespace node::console;

namespace {

std::string line_of(std::vector<stomp::header_view> const& headers, std::size_t body = 0) {
    return trace_line(std::chrono::system_clock::time_point(std::chrono::milliseconds(1)),
                      {.session = "s-1",
                       .user = "42",
                       .incoming = true,
                       .command = "SEND",
                       .headers = headers,
                       .body_bytes = body});
}

}  // namespace

TEST_CASE("a frame is one line of JSON") {
    CHECK(line_of({{"destination", "/topic/a"}, {"note", "two\nlines \"quoted\""}}, 17) ==
          R"({"time":"1970-01-01T00:00:00.001Z","session":"s-1","user":"42","direction":"in",)"
          R"("command":"SEND","headers":{"destination":"/topic/a","note":"two\nlines \"quoted\""},)"
          R"("bodyBytes":17})"
          "\n");
}

TEST_CASE("the name of a header stays a name") {
    CHECK(line_of({{"a\":1,\n\"b", "1"}}).find(R"("headers":{"a\":1,\n\"b":"1"})") !=
          std::string::npos);
}

TEST_CASE("of a header that comes twice the first is shown") {
    CHECK(line_of({{"a", "1"}, {"a", "2"}}).find(R"("headers":{"a":"1"})") != std::string::npos);
}

TEST_CASE("a header with the name of a secret is left out") {
    for (auto const* name :
         {"passcode", "Passcode", "authorization", "Authorization", "x-access-token", "TOKEN",
          "cookie", "Set-Cookie", "client-secret", "api-key", "password", "X-Credentials"}) {
        CAPTURE(name);
        CHECK(is_secret_name(name));
        CHECK(line_of({{name, "hush"}}).find(R"("headers":{})") != std::string::npos);
    }
    for (auto const* name : {"destination", "login", "receipt", "content-type", "ack"}) {
        CAPTURE(name);
        CHECK_FALSE(is_secret_name(name));
    }
}

TEST_CASE("a value that looks like a credential is hidden wherever it stands") {
    for (auto const* value : {"Bearer abc", "bearer abc", "Basic dTpw", "eyJhbGciOiJub25lIn0.e30.",
                              "see eyJhbGci.eyJzdWIi.c2ln here", "eyJ.eyJhbGci.eyJzdWIi.c2ln",
                              " Bearer abc", "BEARER\tabc", "\tbasic  dTpw", "eyAiYWxnIjoi.e30.",
                              "ewogImFsZyI6.e30.x", "ew0KICJhbGci.e30.x"}) {
        CAPTURE(value);
        CHECK(is_secret_value(value));
        CHECK(line_of({{"note", value}}).find("\"note\":\"(hidden)\"") != std::string::npos);
    }
    for (auto const* value : {"", "/topic/basic", "eyJ", "eyJhbGci.only", "bearer", "1.2.3",
                              "the bearer of news", "they.are.here"}) {
        CAPTURE(value);
        CHECK_FALSE(is_secret_value(value));
    }
}

TEST_CASE("a long value is cut, not in the middle of a character") {
    auto const line = line_of({{"long", std::string(1023, 'x') + "\u00fc"}});
    CHECK(line.find("\"" + std::string(1023, 'x') + "\"") != std::string::npos);
}

TEST_CASE("what was skipped is a number") {
    CHECK(skipped_line(17) == "{\"skipped\":17}\n");
}
