#include "broker/transport/forwarding/forwarded_request.hpp"

#include "broker/transport/http_tokens.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <algorithm>
#include <array>
#include <stdexcept>

namespace broker::transport {
namespace {

constexpr std::array<std::string_view, 10> one_connection_only{
    "connection", "content-length", "expect",  "keep-alive",        "proxy-connection",
    "te",         "trailer",        "upgrade", "transfer-encoding", "http2-settings"};

bool is_ours(std::string_view name) {
    return equal_ignoring_case(name, forwarded_header) || equal_ignoring_case(name, client_header);
}

// What the proof is made over, and what no request is without.
constexpr std::array<std::string_view, 4> never_dropped{"host", "authorization", "cookie",
                                                        "content-type"};

// Headers that Connection names are for this connection, too (RFC 9110 §7.6.1). A client that names
// one that is for whoever answers would have its request refused there.
bool is_named_by_connection(http_request const& request, std::string_view name) {
    auto const is = [name](std::string_view one) { return equal_ignoring_case(name, one); };
    if (std::ranges::any_of(never_dropped, is)) return false;
    return std::ranges::any_of(request.headers, [name](http_header const& each) {
        return equal_ignoring_case(each.name, "connection") && list_contains(each.value, name);
    });
}

std::string proof_of(http_request const& request, std::string_view client,
                     std::string_view secret) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> body{};
    SHA256(reinterpret_cast<unsigned char const*>(request.body.data()), request.body.size(),
           body.data());
    // No part can hold a line feed: they are tokens and header values.
    std::string text = "stampede-forwarded-1";
    for (auto const part :
         {std::string_view(request.method), std::string_view(request.target), client,
          request.header("authorization").value_or(""), request.header("cookie").value_or(""),
          request.header("content-type").value_or("")}) {
        text += '\n';
        text += part;
    }
    text += '\n';
    text.append(reinterpret_cast<char const*>(body.data()), body.size());

    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned length = 0;
    if (HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
             reinterpret_cast<unsigned char const*>(text.data()), text.size(), mac.data(),
             &length) == nullptr) {
        throw std::runtime_error("HMAC-SHA256 is not available");
    }
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    for (unsigned i = 0; i < length; ++i) {
        hex += digits[mac[i] >> 4U];
        hex += digits[mac[i] & 15U];
    }
    return hex;
}

void add_line(std::string& to, std::string_view name, std::string_view value) {
    to += name;
    to += ": ";
    to += value;
    to += "\r\n";
}

}  // namespace

bool is_hop_by_hop(std::string_view name) {
    return std::ranges::any_of(one_connection_only, [name](std::string_view one) {
        return equal_ignoring_case(name, one);
    });
}

std::string forwarded_text(http_request const& request, std::string_view secret) {
    std::string text;
    text.reserve(1024 + request.body.size());
    text += request.method;
    text += ' ';
    text += request.target;
    text += " HTTP/1.1\r\n";
    for (auto const& [name, value] : request.headers) {
        if (is_hop_by_hop(name) || is_ours(name) || is_named_by_connection(request, name)) continue;
        add_line(text, name, value);
    }
    if (!request.header("host")) add_line(text, "Host", "stampede");
    add_line(text, client_header, request.peer_address);
    add_line(text, forwarded_header, proof_of(request, request.peer_address, secret));
    if (!request.body.empty() || request.method == "POST") {
        add_line(text, "Content-Length", std::to_string(request.body.size()));
    }
    text += "\r\n";
    text += request.body;
    return text;
}

bool is_forwarded(http_request const& request, std::string_view secret) {
    if (secret.empty()) return false;
    auto const offered = request.header(forwarded_header).value_or("");
    auto const expected = proof_of(request, request.header(client_header).value_or(""), secret);
    return offered.size() == expected.size() &&
           CRYPTO_memcmp(offered.data(), expected.data(), expected.size()) == 0;
}

}  // namespace broker::transport
