#include "bench/plan/identities.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

using namespace bench;

namespace {

class folder {
public:
    folder() {
        std::string name = (std::filesystem::temp_directory_path() / "stampede-bench-XXXXXX");
        if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
        path_ = name;
    }
    ~folder() { std::filesystem::remove_all(path_); }
    folder(folder const&) = delete;
    folder& operator=(folder const&) = delete;

    std::string file(std::string const& name, std::string const& text) const {
        std::ofstream(path_ / name) << text;
        return path_ / name;
    }
    std::string missing() const { return path_ / "missing"; }

private:
    std::filesystem::path path_;
};

std::string decoded(std::string_view base64url) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string out;
    unsigned bits = 0;
    int have = 0;
    for (char const c : base64url) {
        bits = bits << 6U | static_cast<unsigned>(digits.find(c));
        have += 6;
        if (have < 8) continue;
        have -= 8;
        out.push_back(static_cast<char>(bits >> static_cast<unsigned>(have) & 0xffU));
    }
    return out;
}

std::string claims_of(std::string const& token) {
    auto const from = token.find('.') + 1;
    return decoded(std::string_view(token).substr(from, token.rfind('.') - from));
}

std::string problem_of(target const& server) {
    try {
        identities const who(server);
    } catch (std::runtime_error const& error) {
        return error.what();
    }
    return {};
}

}  // namespace

TEST_CASE("every {} is the client's number") {
    CHECK(with_number("", 5).empty());
    CHECK(with_number("a", 5) == "a");
    CHECK(with_number("{}", 5) == "5");
    CHECK(with_number("u{}@{}.example", 120) == "u120@120.example");
    CHECK(with_number("{ }{", 5) == "{ }{");
}

TEST_CASE("tokens are signed as others sign them") {
    // Made with Python's hmac and base64.
    CHECK(sign_token(R"({"sub":"7"})", "correct horse battery staple") ==
          "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI3In0."
          "9uCs8A72v822iC8xL_GoKJcE3iszWW09TcmVcoLGjOw");
    CHECK(sign_token("{\"sub\":\"a~?>\xc3\xa9\"}", "k") ==
          "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhfj8-w6kifQ."
          "8BjMQheddvvTGgZYMHki9FMLDIeP5Q1L0CuF6RM1dTk");
}

TEST_CASE("one login is one user") {
    target server;
    server.login = "alice";
    server.passcode = "secret";
    server.user = 42;
    server.connect_headers = {{"x-app", "bench-{}"}};
    identities const who(server);
    CHECK_FALSE(who.distinct());
    CHECK(who.user_of(7) == 42);
    auto const seventh = who.of_client(7);
    CHECK(seventh.login == "alice");
    CHECK(seventh.passcode == "secret");
    CHECK(seventh.token.empty());
    CHECK(seventh.headers.front().second == "bench-7");
    CHECK(who.http_authorization() == "Basic YWxpY2U6c2VjcmV0");
}

TEST_CASE("a login with {} makes each client a user of its own") {
    target server;
    server.login = "user{}";
    server.passcode = "p{}";
    server.user = 3;
    identities const who(server);
    CHECK(who.distinct());
    CHECK(who.user_of(7) == 7);
    CHECK(who.of_client(7).login == "user7");
    CHECK(who.of_client(7).passcode == "p7");
    CHECK(who.http_authorization() == "Basic dXNlcjM6cDM=");
}

TEST_CASE("nobody in particular says nothing") {
    identities const who((target()));
    CHECK(who.of_client(1).login.empty());
    CHECK(who.http_authorization().empty());
}

TEST_CASE("tokens of a file are taken in turn") {
    folder const files;
    target server;
    server.token_file = files.file("tokens", "one\r\n\n  \ntwo \nthree");
    server.login = "not this";
    identities const who(server);
    CHECK(who.distinct());
    CHECK(who.of_client(1).token == "one");
    CHECK(who.of_client(2).token == "two");
    CHECK(who.of_client(3).token == "three");
    CHECK(who.of_client(4).token == "one");
    CHECK(who.tokens() == 3);
    // A token's user is the same whoever has it.
    CHECK(who.user_of(3) == 3);
    CHECK(who.user_of(4) == 1);
    CHECK(who.of_client(4).login.empty());
    CHECK(who.http_authorization() == "Bearer one");  // user 1
}

TEST_CASE("tokens that are signed here have the client's number and an end") {
    folder const files;
    target server;
    server.token_secret_file = files.file("secret", "s3cret\n");
    server.token_claims = R"({"sub":"{}","aud":"bench"})";
    identities const who(server);
    CHECK(who.distinct());
    auto const token = who.of_client(12).token;
    auto const claims = claims_of(token);
    CHECK(claims.starts_with(R"({"sub":"12","aud":"bench","exp":)"));
    auto const now = std::chrono::duration_cast<std::chrono::seconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    auto const end = std::stoll(claims.substr(claims.rfind(':') + 1));
    CHECK(end > now + 23 * 3600);
    CHECK(end <= now + 24 * 3600);
    // The line's end is not part of the secret.
    CHECK(sign_token(claims, "s3cret") == token);

    server.token_claims = "{ }";
    identities const same(server);
    CHECK_FALSE(same.distinct());
    CHECK(claims_of(same.of_client(1).token).starts_with(R"({ "exp":)"));
}

TEST_CASE("files that cannot serve are named") {
    folder const files;
    target server;
    server.token_file = files.missing();
    CHECK(problem_of(server) == "cannot read " + files.missing());
    server.token_file = files.file("empty", "\n \n");
    CHECK(problem_of(server) == server.token_file + " has no token");
    server.token_file.clear();
    server.token_secret_file = files.missing();
    CHECK(problem_of(server) == "cannot read " + files.missing());
    server.token_secret_file = files.file("blank", "\n");
    CHECK(problem_of(server) == server.token_secret_file + " is empty");
    server.token_secret_file = files.file("good", "x");
}

TEST_CASE("claims that are no JSON object are told") {
    folder const files;
    target server;
    server.token_secret_file = files.file("secret", "x");
    for (auto const* claims : {"", "no object", "{sub:}", R"([{"sub":"1"}])", R"({"sub":"{}"}})",
                               "{}", R"({"sub":"{}")", R"({"sub":"1"} {"sub":"2"})", R"("sub")"}) {
        CAPTURE(claims);
        server.token_claims = claims;
        auto const told = problem_of(server);
        CHECK(told.starts_with(std::string("--token-claims: ") + claims + " is no JSON object"));
    }
    server.token_claims = R"({"sub":{},"of":{"user-{}":"{}"}})";
    CHECK(problem_of(server).empty());
}

TEST_CASE("claims that end keep their end") {
    folder const files;
    target server;
    server.token_secret_file = files.file("secret", "s3cret");
    server.token_claims = R"({"exp":1000000000,"sub":"{}"})";
    CHECK(claims_of(identities(server).of_client(3).token) == R"({"exp":1000000000,"sub":"3"})");
    // Another object's end is not the token's.
    server.token_claims = R"({"in":{"exp":1}})";
    CHECK(
        claims_of(identities(server).of_client(3).token).starts_with(R"({"in":{"exp":1},"exp":)"));
}
