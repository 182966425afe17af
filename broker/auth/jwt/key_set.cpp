#include "broker/auth/jwt/key_set.hpp"

#include "broker/auth/jwt/base64url.hpp"

#include <simdjson.h>

#include <algorithm>

namespace broker::auth {
namespace {

namespace dom = simdjson::dom;

std::optional<std::string_view> text(dom::object const& object, std::string_view name) {
    std::string_view found;
    if (object.at_key(name).get(found) != simdjson::SUCCESS) return std::nullopt;
    return found;
}

std::optional<std::string> bytes(dom::object const& object, std::string_view name) {
    auto const encoded = text(object, name);
    return encoded ? decode_base64url(*encoded) : std::nullopt;
}

std::string_view name_of(jwt_algorithm algorithm) {
    switch (algorithm) {
        case jwt_algorithm::hs256: return "HS256";
        case jwt_algorithm::rs256: return "RS256";
        case jwt_algorithm::es256: break;
    }
    return "ES256";
}

// `use` and `key_ops` say what a key is for; silence means anything.
bool is_for_signatures(dom::object const& object) {
    if (auto const use = text(object, "use"); use && *use != "sig") return false;
    dom::array operations;
    if (object.at_key("key_ops").get(operations) != simdjson::SUCCESS) return true;
    return std::ranges::any_of(operations.begin(), operations.end(), [](dom::element operation) {
        std::string_view name;
        return operation.get(name) == simdjson::SUCCESS && name == "verify";
    });
}

std::optional<verification_key> read_key(dom::object const& object) {
    auto const type = text(object, "kty");
    if (!type || !is_for_signatures(object)) return std::nullopt;
    std::optional<verification_key> made;
    if (*type == "RSA") {
        auto const modulus = bytes(object, "n");
        auto const exponent = bytes(object, "e");
        if (modulus && exponent) made = verification_key::from_rsa(*modulus, *exponent);
    } else if (*type == "EC" && text(object, "crv") == "P-256") {
        auto const x = bytes(object, "x");
        auto const y = bytes(object, "y");
        if (x && y) made = verification_key::from_p256(*x, *y);
    }
    if (!made) return std::nullopt;
    if (auto const algorithm = text(object, "alg");
        algorithm && *algorithm != name_of(made->algorithm())) {
        return std::nullopt;
    }
    made->id = text(object, "kid").value_or("");
    return made;
}

}  // namespace

std::optional<key_set> parse_key_set(std::string_view json) {
    if (json.size() > max_key_set_bytes) return std::nullopt;
    dom::parser parser(max_key_set_bytes);
    dom::object document;
    dom::array keys;
    if (parser.parse(json.data(), json.size()).get(document) != simdjson::SUCCESS ||
        document.at_key("keys").get(keys) != simdjson::SUCCESS) {
        return std::nullopt;
    }
    key_set out;
    for (auto const item : keys) {
        dom::object object;
        if (out.size() == max_keys) break;
        if (item.get(object) != simdjson::SUCCESS) continue;
        if (auto key = read_key(object)) out.push_back(std::move(*key));
    }
    if (out.empty()) return std::nullopt;
    return out;
}

}  // namespace broker::auth
