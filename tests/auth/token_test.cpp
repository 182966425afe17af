#include "broker/auth/jwt/token.hpp"
#include "broker/auth/jwt/base64url.hpp"

#include <doctest/doctest.h>

using namespace broker::auth;

namespace {

std::string token_with_header(std::string_view header) {
    return encode_base64url(header) + ".e30.c2ln";
}

std::string head_error(std::string_view token) {
    auto const read = read_token_head(token);
    auto const* error = std::get_if<token_error>(&read);
    return error ? error->reason : "";
}

std::variant<token_claims, token_error> claims_of(std::string_view json,
                                                  std::string_view user_id_claim = "userId",
                                                  std::string_view roles_claim = "roles") {
    return read_token_claims(encode_base64url(json), user_id_claim, roles_claim);
}

token_claims good_claims(std::string_view json, std::string_view user_id_claim = "userId",
                         std::string_view roles_claim = "roles") {
    auto read = claims_of(json, user_id_claim, roles_claim);
    if (auto const* error = std::get_if<token_error>(&read)) FAIL(error->reason);
    return std::get<token_claims>(std::move(read));
}

std::string claims_error(std::string_view json) {
    auto const read = claims_of(json);
    auto const* error = std::get_if<token_error>(&read);
    return error ? error->reason : "";
}

}  // namespace

TEST_CASE("a head is read: algorithm, kid, and the parts") {
    auto const token = token_with_header(R"({"alg":"ES256","kid":"k1","typ":"at+jwt","x":[1]})");
    auto const read = read_token_head(token);
    auto const* head = std::get_if<token_head>(&read);
    REQUIRE(head);
    CHECK(head->algorithm == jwt_algorithm::es256);
    CHECK(head->key_id == "k1");
    CHECK(head->payload == "e30");
    CHECK(head->signature == "sig");
    CHECK(token.starts_with(head->signed_part));
    CHECK(head->signed_part.ends_with(".e30"));
}

TEST_CASE("alg none is refused in every spelling, and so is every unknown one") {
    for (auto const* alg : {"\"none\"", "\"None\"", "\"NONE\"", "\"\"", "\"hs256\"", "\"HS512\"",
                            "\"PS256\"", "null", "0", "[\"HS256\"]"}) {
        CAPTURE(alg);
        auto const header = std::string(R"({"alg":)") + alg + "}";
        CHECK(head_error(token_with_header(header)) ==
              "The token is not signed with an algorithm that this node knows.");
    }
    CHECK_FALSE(head_error(token_with_header("{}")).empty());
}

TEST_CASE("a token without a signature is refused whatever its header says") {
    CHECK(head_error(encode_base64url(R"({"alg":"none"})") + ".e30.") ==
          "The token is not signed.");
    CHECK(head_error(encode_base64url(R"({"alg":"HS256"})") + ".e30.") ==
          "The token is not signed.");
}

TEST_CASE("a header that says something twice, or demands extensions, is refused") {
    CHECK(head_error(token_with_header(R"({"alg":"HS256","alg":"RS256"})")) ==
          "The token has a header that says something twice.");
    CHECK(head_error(token_with_header(R"({"alg":"HS256","\u0061lg":"RS256"})")) ==
          "The token has a header that says something twice.");
    CHECK(head_error(token_with_header(R"({"alg":"HS256","crit":["b64"],"b64":false})")) ==
          "The token demands extensions that this node does not know.");
    CHECK(head_error(token_with_header(R"({"alg":"HS256","typ":"secevent+jwt"})")) ==
          "The token is of another type than JWT.");
    CHECK(head_error(token_with_header(R"({"alg":"HS256","kid":5})")) ==
          "The token has a kid that is no text.");
}

TEST_CASE("what is no token is refused") {
    auto const header = encode_base64url(R"({"alg":"HS256"})");
    for (auto const& text :
         {std::string(), std::string("."), std::string(".."), std::string("..."), header,
          header + ".e30", header + ".e30.c2ln.c2ln", header + "=.e30.c2ln", header + ".e30.c2l$",
          header + ".e30.c", std::string("bm8.e30.c2ln"), encode_base64url("[]") + ".e30.c2ln",
          encode_base64url("{") + ".e30.c2ln",
          encode_base64url(R"({"alg":"HS256"}x)") + ".e30.c2ln",
          encode_base64url("\xEF\xBB\xBF{\"alg\":\"HS256\"}") + ".e30.c2ln",
          encode_base64url("{\"alg\":\"HS256\",\"kid\":\"\xff\"}") + ".e30.c2ln"}) {
        CAPTURE(text);
        CHECK_FALSE(head_error(text).empty());
        CHECK(text.size() < 200);
    }
}

TEST_CASE("a huge token is refused by its length alone") {
    auto const token = token_with_header(R"({"alg":"HS256"})") + std::string(max_token_bytes, 'A');
    CHECK(head_error(token) == "The token is longer than 16384 bytes.");
}

TEST_CASE("deep nesting is refused, not followed") {
    auto const json =
        R"({"alg":"HS256","x":)" + std::string(4000, '[') + std::string(4000, ']') + "}";
    CHECK_FALSE(head_error(token_with_header(json)).empty());
}

TEST_CASE("claims are read") {
    auto const claims = good_claims(
        R"({"sub":"alice","exp":1700000000.9,"nbf":1600000000,"iss":"i","aud":["a","b"],)"
        R"("userId":42,"roles":["x","y"],"more":{"a":[null]}})");
    CHECK(claims.subject == "alice");
    CHECK(claims.expires == 1700000000);
    CHECK(claims.not_before == 1600000000);
    CHECK(claims.issuer == "i");
    CHECK(claims.audience == std::vector<std::string>{"a", "b"});
    CHECK(claims.user_id == 42);
    CHECK(claims.roles == std::vector<std::string>{"x", "y"});
}

TEST_CASE("the user is the claim's number, else a sub that is a number") {
    CHECK(good_claims(R"({"sub":"a","exp":1,"userId":"42"})").user_id == 42);
    CHECK(good_claims(R"({"sub":"17","exp":1})").user_id == 17);
    CHECK(good_claims(R"({"sub":"17","exp":1,"userId":null})").user_id == 17);
    CHECK_FALSE(good_claims(R"({"sub":"017","exp":1})").user_id);
    CHECK_FALSE(good_claims(R"({"sub":"17a","exp":1})").user_id);
    CHECK(good_claims(R"({"sub":"a","exp":1,"uid":5})", "uid").user_id == 5);
    CHECK(good_claims(R"({"sub":"a","exp":1,"user":{"id":5}})", "user.id").user_id == 5);
    CHECK(good_claims(R"({"sub":"a","exp":1,"https://x.y/id":5})", "https://x.y/id").user_id == 5);
    for (auto const* id : {"0", "-1", "1.5", "\"0\"", "\"x\"", "true", "[1]", "9223372036854775808",
                           "\"99999999999999999999\""}) {
        CAPTURE(id);
        auto const json = std::string(R"({"sub":"17","exp":1,"userId":)") + id + "}";
        CHECK(claims_error(json) == "The token has a userId that is no number from 1 on.");
    }
}

TEST_CASE("roles are a list, or one text with spaces, perhaps in an object") {
    using texts = std::vector<std::string>;
    CHECK(good_claims(R"({"sub":"a","exp":1,"roles":" x  y "})").roles == texts{"x", "y"});
    CHECK(good_claims(R"({"sub":"a","exp":1,"roles":[]})").roles.empty());
    CHECK(good_claims(R"({"sub":"a","exp":1})").roles.empty());
    CHECK(good_claims(R"({"sub":"a","exp":1,"realm_access":{"roles":["x"]}})", "userId",
                      "realm_access.roles")
              .roles == texts{"x"});
    CHECK_FALSE(claims_error(R"({"sub":"a","exp":1,"roles":[1]})").empty());
    CHECK_FALSE(claims_error(R"({"sub":"a","exp":1,"roles":{"x":true}})").empty());
}

TEST_CASE("a far exp is cut, not overflowed") {
    CHECK(good_claims(R"({"sub":"a","exp":1e300})").expires == 253402300799);
    CHECK(good_claims(R"({"sub":"a","exp":18446744073709551615})").expires == 253402300799);
}

TEST_CASE("exp and sub are required, and the types of claims are checked") {
    CHECK(claims_error(R"({"sub":"a"})") ==
          "The token needs an exp: a number of seconds since 1970.");
    for (auto const* json : {
             R"({"exp":1})",
             R"({"sub":"","exp":1})",
             R"({"sub":7,"exp":1})",
             R"({"sub":"a\u0000b","exp":1})",
             R"({"sub":"a\nb","exp":1})",
             R"({"sub":"a","exp":"1"})",
             R"({"sub":"a","exp":-1})",
             R"({"sub":"a","exp":null})",
             R"({"sub":"a","exp":1,"exp":2})",
             R"({"sub":"a","exp":1,"nbf":"x"})",
             R"({"sub":"a","exp":1,"iss":["i"]})",
             R"({"sub":"a","exp":1,"aud":5})",
             R"({"sub":"a","exp":1,"aud":["a",5]})",
             R"([])",
             R"("x")",
             R"({"sub":"a","exp":1)",
             "",
         }) {
        CAPTURE(json);
        CHECK_FALSE(claims_error(json).empty());
    }
    auto const long_name = R"({"exp":1,"sub":")" + std::string(256, 'a') + "\"}";
    CHECK_FALSE(claims_error(long_name).empty());
}

TEST_CASE("a passcode looks like a token when it is three parts that begin with an object") {
    CHECK(looks_like_token(token_with_header(R"({"alg":"HS256"})")));
    CHECK(looks_like_token(token_with_header("{ \"alg\":\"HS256\"}")));
    CHECK_FALSE(looks_like_token("guest"));
    CHECK_FALSE(looks_like_token("a.b.c"));
    CHECK_FALSE(looks_like_token("eyJ.x"));
    CHECK_FALSE(looks_like_token("eyJhbGciOiJIUzI1NiJ9.pass word.x"));
    CHECK_FALSE(looks_like_token("eyJhbGciOiJIUzI1NiJ9..x"));
}
