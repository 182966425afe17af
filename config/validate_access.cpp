#include "config/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <string_view>
#include <vector>

namespace config {
namespace {

// The form of an argon2id hash; whether it is one shows when a passcode is checked.
bool is_argon2id_hash(std::string_view text) {
    auto const take = [&text](std::string_view expected) {
        if (!text.starts_with(expected)) return false;
        text.remove_prefix(expected.size());
        return true;
    };
    std::uint32_t number = 0;
    auto const take_number = [&](std::uint32_t lowest, std::uint32_t highest) {
        auto const* end = text.data() + text.size();
        auto const [rest, error] = std::from_chars(text.data(), end, number);
        text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
        return error == std::errc{} && number >= lowest && number <= highest;
    };
    auto const take_base64 = [&text] {
        auto const end = std::min(text.find('$'), text.size());
        bool const plain = std::ranges::all_of(text.substr(0, end), [](unsigned char c) {
            return std::isalnum(c) != 0 || c == '+' || c == '/';
        });
        text.remove_prefix(end);
        return plain && end >= 11 && end <= 128;
    };
    if (!take("$argon2id$v=19$m=") || !take_number(8, 1024 * 1024)) return false;
    auto const memory_kib = number;
    if (!take(",t=") || !take_number(1, 16) || !take(",p=") || !take_number(1, 16)) return false;
    auto const lanes = number;
    return memory_kib >= 8 * lanes && take("$") && take_base64() && take("$") && take_base64() &&
           text.empty();
}

bool has_control_character(std::string_view text) {
    return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

// What is wrong with the destination of a rule; empty if nothing is.
std::string_view wrong_in_destination(std::string_view text) {
    constexpr std::string_view prefix = "/topic/";
    if (!text.starts_with(prefix)) return "expected a destination that begins with /topic/";
    constexpr std::size_t max_levels = 32;  // as the engine has it
    std::size_t levels = 1;
    for (auto rest = text.substr(prefix.size() - 1); !rest.empty();) {
        if (++levels > max_levels) return "expected a destination of at most 32 levels";
        rest.remove_prefix(1);
        auto const level = rest.substr(0, rest.find('/'));
        rest.remove_prefix(level.size());
        if (level.empty()) return "expected a destination without empty levels";
        bool const rest_wildcard = (level == "**" || level == "#") && rest.empty();
        if (level.find_first_of("*#") != level.npos && level != "*" && !rest_wildcard) {
            return "expected \"*\" as a whole level and \"**\" as the last one only";
        }
        if (has_control_character(level)) {
            return "expected a destination without control characters";
        }
    }
    return {};
}

bool is_grantee(std::string_view text) {
    if (text == "*" || text == "authenticated") return true;
    return (text.starts_with("role:") || text.starts_with("user:")) && text.size() > 5;
}

class access_validation {
public:
    access_validation(settings const& all, complaints& to) : all_(all), to_(to) {}

    void run() {
        check_auth();
        check_accounts();
        check_jwt();
        for (std::size_t i = 0; i < all_.broker.access.size(); ++i) check_rule(i);
    }

private:
    void refuse(std::initializer_list<std::string> paths, std::string what) {
        to_.refuse(paths, std::move(what));
    }

    void check_rule(std::size_t index) {
        auto const& rule = all_.broker.access[index];
        auto const path = fmt::format("broker.access[{}]", index);
        if (auto const wrong = wrong_in_destination(rule.destination); !wrong.empty()) {
            refuse({path + ".destination"}, fmt::format("{}; got \"{}\"", wrong, rule.destination));
        }
        check_grantees(path + ".send", rule.send);
        check_grantees(path + ".subscribe", rule.subscribe);
        check_grantees(path + ".subscribe_wildcard", rule.subscribe_wildcard);
        bool const is_exact = rule.destination.find_first_of("*#") == std::string::npos;
        if (is_exact && !rule.subscribe_wildcard.empty()) {
            refuse({path + ".subscribe_wildcard"},
                   "expected a pattern as the rule's destination: no wildcard subscription lies "
                   "within an exact one");
        }
    }

    void check_grantees(std::string const& path, std::vector<std::string> const& grantees) {
        for (auto const& text : grantees) {
            if (is_grantee(text)) continue;
            refuse({path}, fmt::format("expected \"*\", \"authenticated\", \"role:NAME\" or "
                                       "\"user:NAME\"; got \"{}\"",
                                       text));
        }
    }

    void check_auth() {
        auto const& auth = all_.auth;
        if (auth.mode == auth_mode::required && auth.accounts.empty() && !auth.jwt.enabled()) {
            refuse({"auth.mode", "auth.jwt.algorithms"},
                   "\"required\" needs [[auth.accounts]] or [auth.jwt] with algorithms; as it is "
                   "nobody could connect");
        }
    }

    void check_accounts() {
        std::set<std::string_view> logins;
        for (std::size_t i = 0; i < all_.auth.accounts.size(); ++i) {
            auto const& account = all_.auth.accounts[i];
            auto const path = fmt::format("auth.accounts[{}]", i);
            if (!logins.insert(account.login).second) {
                refuse({path + ".login"},
                       fmt::format("another account has the login \"{}\"", account.login));
            }
            if (has_control_character(account.login)) {
                refuse({path + ".login"}, "expected a login without control characters");
            }
            if (!is_argon2id_hash(account.passcode_hash)) {
                refuse({path + ".passcode_hash"},
                       "expected an argon2id hash, \"$argon2id$v=19$m=…,t=…,p=…$…$…\" of at most "
                       "1 GiB and 16 passes; stampede --hash-passcode makes one");
            }
        }
    }

    void check_jwt() {
        auto const& jwt = all_.auth.jwt;
        auto const accepts = [&jwt](std::string_view name) {
            return std::ranges::find(jwt.algorithms, name) != jwt.algorithms.end();
        };
        bool const has_set = !jwt.jwks_file.empty() || !jwt.jwks_url.empty();
        bool const has_public = has_set || !jwt.public_key.empty();
        std::string const algorithms = "auth.jwt.algorithms";

        if (!jwt.jwks_url.empty() && !jwt.jwks_url.starts_with("https://") &&
            !jwt.jwks_url.starts_with("http://")) {
            refuse({"auth.jwt.jwks_url"},
                   fmt::format("expected an http or https address; got \"{}\"", jwt.jwks_url));
        }
        if (jwt.secret.size() < 32 && !jwt.secret.empty()) {
            refuse({"auth.jwt.secret_file", "auth.jwt.secret"},
                   "expected a secret of 32 bytes or more");
        }
        if (accepts("HS256") && jwt.secret.empty()) {
            refuse({algorithms, "auth.jwt.secret", "auth.jwt.secret_file"},
                   "HS256 needs auth.jwt.secret or auth.jwt.secret_file");
        }
        for (auto const* name : {"RS256", "ES256"}) {
            if (accepts(name) && !has_public) {
                refuse({algorithms, "auth.jwt.public_key_file", "auth.jwt.jwks_file",
                        "auth.jwt.jwks_url"},
                       fmt::format("{} needs auth.jwt.public_key_file, "
                                   "auth.jwt.jwks_file or auth.jwt.jwks_url",
                                   name));
            }
        }
        if (!accepts("HS256") && !jwt.secret.empty()) {
            refuse({"auth.jwt.secret", "auth.jwt.secret_file", algorithms},
                   "there is a secret, but auth.jwt.algorithms does not accept HS256");
        }
        if (has_public && !accepts("RS256") && !accepts("ES256")) {
            refuse(
                {algorithms, "auth.jwt.public_key_file", "auth.jwt.jwks_file", "auth.jwt.jwks_url"},
                "there is a public key, but neither RS256 nor ES256 is accepted");
        }
    }

    settings const& all_;
    complaints& to_;
};

}  // namespace

void validate_access(settings const& all, complaints& to) {
    access_validation(all, to).run();
}

}  // namespace config
