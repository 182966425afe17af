#include "broker/auth/jwt/token.hpp"

#include "broker/auth/jwt/base64url.hpp"
#include "broker/auth/login_name.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace broker::auth {
namespace {

namespace dom = simdjson::dom;

struct algorithm_name {
    std::string_view name;
    jwt_algorithm algorithm;
};

constexpr std::array algorithms{algorithm_name{"HS256", jwt_algorithm::hs256},
                                algorithm_name{"RS256", jwt_algorithm::rs256},
                                algorithm_name{"ES256", jwt_algorithm::es256}};

// Year 9999: later times say "never" and would overflow a clock.
constexpr std::int64_t latest_second = 253'402'300'799;
constexpr std::size_t max_roles = 256;

// Memory for parsing is kept by each thread; what a token may fill is bounded.
dom::parser& parser_of_this_thread() {
    thread_local dom::parser parser(max_token_bytes);
    return parser;
}

struct parts {
    std::string_view header;
    std::string_view payload;
    std::string_view signature;
};

std::optional<parts> split(std::string_view token) {
    auto const first = token.find('.');
    if (first == std::string_view::npos) return std::nullopt;
    auto const second = token.find('.', first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    if (token.find('.', second + 1) != std::string_view::npos) return std::nullopt;
    return parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
                 token.substr(second + 1)};
}

// The JSON object in a part of the token; valid until the next call on this thread.
std::optional<dom::object> object_in(std::string const& json) {
    dom::object object;
    if (!json.starts_with('{')) return std::nullopt;  // not a byte order mark either
    if (parser_of_this_thread().parse(json).get(object) != simdjson::SUCCESS) return std::nullopt;
    return object;
}

// A member said twice could mean one thing to the issuer and another to us.
bool has_duplicates(dom::object const& object) {
    std::vector<std::string_view> names;
    for (auto const field : object) names.push_back(field.key);
    std::ranges::sort(names);
    return std::ranges::adjacent_find(names) != names.end();
}

std::optional<dom::element> member(dom::object const& object, std::string_view name) {
    dom::element found;
    if (object.at_key(name).get(found) != simdjson::SUCCESS) return std::nullopt;
    return found;
}

// A claim by its name, null counts as absent; a dotted name that is no claim itself goes into
// objects.
std::optional<dom::element> claim(dom::object const& object, std::string_view name) {
    if (auto const found = member(object, name)) {
        return found->is_null() ? std::nullopt : found;
    }
    auto const dot = name.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    auto const outer = member(object, name.substr(0, dot));
    dom::object inner;
    if (!outer || outer->get(inner) != simdjson::SUCCESS) return std::nullopt;
    return claim(inner, name.substr(dot + 1));
}

std::optional<std::string_view> text_of(dom::element const& value) {
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) return std::nullopt;
    return text;
}

// NumericDate: seconds, perhaps with a fraction.
std::optional<std::int64_t> seconds_of(dom::element const& value) {
    double seconds = 0;
    if (value.get(seconds) != simdjson::SUCCESS || !std::isfinite(seconds) || seconds < 0) {
        return std::nullopt;
    }
    if (seconds >= static_cast<double>(latest_second)) return latest_second;
    return static_cast<std::int64_t>(seconds);
}

std::optional<std::uint64_t> user_id_of(dom::element const& value) {
    std::uint64_t number = 0;
    if (value.get(number) == simdjson::SUCCESS) {
        bool const fits = number >= 1 && number <= static_cast<std::uint64_t>(INT64_MAX);
        return fits ? std::optional(number) : std::nullopt;
    }
    auto const text = text_of(value);
    return text ? user_id_in(*text) : std::nullopt;
}

// A list of texts, or one text; `separator` cuts the latter. False for anything else.
bool read_texts(dom::element const& value, char separator, std::vector<std::string>& out) {
    if (auto const text = text_of(value)) {
        for (auto rest = *text; !rest.empty();) {
            auto const end =
                separator == '\0' ? rest.size() : std::min(rest.find(separator), rest.size());
            if (end != 0) out.emplace_back(rest.substr(0, end));
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        return true;
    }
    dom::array items;
    if (value.get(items) != simdjson::SUCCESS) return false;
    for (auto const item : items) {
        auto const text = text_of(item);
        if (!text || out.size() >= max_roles) return false;
        out.emplace_back(*text);
    }
    return true;
}

token_error malformed(std::string what) {
    return {"The token " + std::move(what) + "."};
}

bool is_known_type(std::string_view type) {
    std::string lower(type);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    if (lower.starts_with("application/")) lower.erase(0, 12);
    return lower == "jwt" || lower == "at+jwt" || lower == "jose";
}

std::optional<token_error> read_header(dom::object const& header, token_head& out) {
    if (has_duplicates(header)) return malformed("has a header that says something twice");
    if (member(header, "crit")) return malformed("demands extensions that this node does not know");

    auto const name = member(header, "alg");
    auto const text = name ? text_of(*name) : std::nullopt;
    auto const known =
        text ? std::ranges::find(algorithms, *text, &algorithm_name::name) : algorithms.end();
    if (known == algorithms.end()) {
        return malformed("is not signed with an algorithm that this node knows");
    }
    out.algorithm = known->algorithm;

    if (auto const type = member(header, "typ")) {
        auto const value = text_of(*type);
        if (!value || !is_known_type(*value)) return malformed("is of another type than JWT");
    }
    if (auto const id = member(header, "kid")) {
        auto const value = text_of(*id);
        if (!value) return malformed("has a kid that is no text");
        out.key_id = *value;
    }
    return std::nullopt;
}

}  // namespace

bool looks_like_token(std::string_view text) noexcept {
    // `{` and a quote or white space: how every JSON object with a member begins.
    if (!text.starts_with("ey") && !text.starts_with("ew")) return false;
    auto const found = split(text);
    if (!found || found->header.empty() || found->payload.empty()) return false;
    return std::ranges::all_of(text, [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    });
}

std::variant<token_head, token_error> read_token_head(std::string_view token) {
    if (token.size() > max_token_bytes) {
        return malformed("is longer than " + std::to_string(max_token_bytes) + " bytes");
    }
    auto const found = split(token);
    if (!found) return malformed("does not have three parts");
    auto const json = decode_base64url(found->header);
    auto signature = decode_base64url(found->signature);
    if (!json || !signature) return malformed("has a part that is not base64url");
    if (signature->empty()) return malformed("is not signed");
    auto const header = object_in(*json);
    if (!header) return malformed("has a header that is not a JSON object");

    token_head out;
    if (auto error = read_header(*header, out)) return std::move(*error);
    out.signed_part = token.substr(0, found->header.size() + 1 + found->payload.size());
    out.payload = found->payload;
    out.signature = std::move(*signature);
    return out;
}

std::variant<token_claims, token_error> read_token_claims(std::string_view payload,
                                                          std::string_view user_id_claim,
                                                          std::string_view roles_claim) {
    auto const json = decode_base64url(payload);
    if (!json) return malformed("has a part that is not base64url");
    auto const claims = object_in(*json);
    if (!claims) return malformed("has claims that are not a JSON object");
    if (has_duplicates(*claims)) return malformed("has claims that say something twice");

    token_claims out;
    auto const subject = member(*claims, "sub");
    auto const name = subject ? text_of(*subject) : std::nullopt;
    if (!name || !is_login_name(*name)) {
        return malformed("needs a sub: a text of 1 to 255 bytes without control characters");
    }
    out.subject = *name;

    auto const expires = member(*claims, "exp");
    auto const end = expires ? seconds_of(*expires) : std::nullopt;
    if (!end) return malformed("needs an exp: a number of seconds since 1970");
    out.expires = *end;

    if (auto const begins = member(*claims, "nbf")) {
        out.not_before = seconds_of(*begins);
        if (!out.not_before) return malformed("has an nbf that is no number of seconds since 1970");
    }
    if (auto const issuer = member(*claims, "iss")) {
        auto const text = text_of(*issuer);
        if (!text) return malformed("has an iss that is no text");
        out.issuer = *text;
    }
    if (auto const audience = member(*claims, "aud")) {
        if (!read_texts(*audience, '\0', out.audience)) {
            return malformed("has an aud that is neither a text nor a list of texts");
        }
    }
    if (auto const roles = claim(*claims, roles_claim)) {
        if (!read_texts(*roles, ' ', out.roles)) {
            return malformed("has roles that are neither a text nor a list of texts");
        }
    }
    auto const id = claim(*claims, user_id_claim);
    out.user_id = id ? user_id_of(*id) : user_id_in(out.subject);
    if (id && !out.user_id) {
        return malformed("has a " + std::string(user_id_claim) + " that is no number from 1 on");
    }
    return out;
}

std::optional<std::uint64_t> user_id_in(std::string_view text) noexcept {
    if (text.empty() || text.front() == '0') return std::nullopt;
    std::uint64_t number = 0;
    auto const* end = text.data() + text.size();
    auto const [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || rest != end) return std::nullopt;
    if (number > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
    return number;
}

}  // namespace broker::auth
