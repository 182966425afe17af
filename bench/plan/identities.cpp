#include "bench/plan/identities.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <simdjson.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace bench {
namespace {

std::string base64(std::string_view bytes) {
    std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
    int const written = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                        reinterpret_cast<unsigned char const*>(bytes.data()),
                                        static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(written));
    return out;
}

// RFC 7515, appendix C.
std::string base64url(std::string_view bytes) {
    std::string out = base64(bytes);
    out.erase(out.find_last_not_of('=') + 1);
    for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
    return out;
}

std::ifstream open_file(std::string const& path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error("cannot read " + path);
    return file;
}

std::string trimmed(std::string text) {
    text.erase(text.find_last_not_of(" \t\r\n") + 1);
    return text;
}

// The tokens outlive any run.
constexpr std::chrono::hours token_life{24};

struct claims_found {
    bool empty = false;
    bool expire = false;  // they have an `exp` of their own
};

// Of the claims as the first client has them: with its number they must be JSON.
claims_found read_claims(std::string const& claims) {
    simdjson::dom::parser parser;
    simdjson::dom::object object;
    auto const wrong = parser.parse(with_number(claims, 1)).get(object);
    if (wrong != simdjson::SUCCESS) {
        throw std::runtime_error(
            fmt::format("--token-claims: {} is no JSON object once {{}} is a client's number: {}",
                        claims, simdjson::error_message(wrong)));
    }
    return {object.size() == 0, object["exp"].error() == simdjson::SUCCESS};
}

}  // namespace

std::string with_text(std::string_view text, std::string_view instead) {
    std::string out(text);
    for (auto at = out.find("{}"); at != std::string::npos;
         at = out.find("{}", at + instead.size())) {
        out.replace(at, 2, instead);
    }
    return out;
}

std::string with_number(std::string_view text, std::uint64_t number) {
    return with_text(text, std::to_string(number));
}

std::string sign_token(std::string_view claims, std::string_view secret) {
    std::string out = base64url(R"({"alg":"HS256","typ":"JWT"})") + "." + base64url(claims);
    std::array<unsigned char, EVP_MAX_MD_SIZE> signature{};
    unsigned size = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<unsigned char const*>(out.data()), out.size(), signature.data(), &size);
    return out + "." + base64url({reinterpret_cast<char const*>(signature.data()), size});
}

bool are_distinct(target const& server) noexcept {
    auto const numbered = [](std::string const& text) { return text.find("{}") != text.npos; };
    if (!server.token_file.empty()) return true;
    return numbered(server.token_secret_file.empty() ? server.login : server.token_claims);
}

identities::identities(target const& of) : of_(of) {
    if (!of_.token_file.empty()) {
        auto file = open_file(of_.token_file);
        for (std::string line; std::getline(file, line);) {
            line = trimmed(std::move(line));
            if (!line.empty()) tokens_.push_back(std::move(line));
        }
        if (tokens_.empty()) throw std::runtime_error(of_.token_file + " has no token");
    }
    if (!of_.token_secret_file.empty()) {
        auto file = open_file(of_.token_secret_file);
        secret_ = trimmed({std::istreambuf_iterator<char>(file), {}});
        if (secret_.empty()) throw std::runtime_error(of_.token_secret_file + " is empty");
        auto const claims = read_claims(of_.token_claims);
        claims_are_empty_ = claims.empty;
        claims_expire_ = claims.expire;
    }
    distinct_ = are_distinct(of_);
}

std::string identities::signed_token(std::uint64_t number) const {
    std::string claims = with_number(of_.token_claims, number);
    if (claims_expire_) return sign_token(claims, secret_);
    auto const expires = std::chrono::system_clock::now() + token_life;
    auto const at = std::chrono::duration_cast<std::chrono::seconds>(expires.time_since_epoch());
    claims.insert(claims.rfind('}'),
                  fmt::format(R"({}"exp":{})", claims_are_empty_ ? "" : ",", at.count()));
    return sign_token(claims, secret_);
}

credentials identities::of_client(std::uint64_t number) const {
    credentials out;
    out.headers = of_.connect_headers;
    for (auto& [name, value] : out.headers) value = with_number(value, number);
    if (!tokens_.empty()) {
        out.token = tokens_[line_of(number)];
    } else if (!secret_.empty()) {
        out.token = signed_token(number);
    } else {
        out.login = with_number(of_.login, number);
        out.passcode = with_number(of_.passcode, number);
    }
    return out;
}

std::string identities::http_authorization() const {
    if (!tokens_.empty() || !secret_.empty()) return "Bearer " + of_client(of_.user).token;
    if (of_.login.empty()) return {};
    return "Basic " +
           base64(with_number(of_.login, of_.user) + ":" + with_number(of_.passcode, of_.user));
}

std::uint64_t identities::user_of(std::uint64_t client) const noexcept {
    if (!distinct_) return of_.user;
    return tokens_.empty() ? client : line_of(client) + 1;
}

std::size_t identities::line_of(std::uint64_t client) const noexcept {
    return (client + tokens_.size() - 1) % tokens_.size();  // client 1: the first line
}

}  // namespace bench
