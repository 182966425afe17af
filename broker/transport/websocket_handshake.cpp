#include "broker/transport/websocket_handshake.hpp"

#include "broker/transport/http_tokens.hpp"
#include "broker/trimmed.hpp"

#include <openssl/evp.h>
#include <algorithm>
#include <array>

namespace broker::transport {
namespace {

constexpr std::string_view accept_guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

// A header may come several times, each a list.
bool header_lists(http_request const& request, std::string_view name, std::string_view member) {
    return std::any_of(request.headers.begin(), request.headers.end(), [&](auto const& header) {
        return equal_ignoring_case(header.name, name) && list_contains(header.value, member);
    });
}

// 16 bytes in base64: 22 characters and "==".
bool is_nonce(std::string_view key) {
    return key.size() == 24 && key.ends_with("==") &&
           std::all_of(key.begin(), key.begin() + 22, [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      c == '+' || c == '/';
           });
}

}  // namespace

handshake_verdict judge_handshake(http_request const& request) {
    if (request.method != "GET" || request.version < 11 ||
        !header_lists(request, "upgrade", "websocket") ||
        !header_lists(request, "connection", "upgrade")) {
        return handshake_verdict::not_a_handshake;
    }
    auto const version = request.header("sec-websocket-version");
    if (!version) return handshake_verdict::not_a_handshake;
    if (trimmed(*version) != "13") return handshake_verdict::wrong_version;
    auto const key = request.header("sec-websocket-key");
    if (!key || !is_nonce(trimmed(*key))) return handshake_verdict::not_a_handshake;
    return handshake_verdict::valid;
}

std::string websocket_accept_value(std::string_view key) {
    std::string text(trimmed(key));
    text += accept_guid;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
    std::array<unsigned char, 32> encoded;
    auto const length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
    return {reinterpret_cast<char const*>(encoded.data()), static_cast<std::size_t>(length)};
}

std::string handshake_response(http_request const& request, std::string_view subprotocol,
                               std::string_view extensions) {
    std::string response =
        "HTTP/1.1 101 Switching Protocols\r\n"
        "Upgrade: websocket\r\n"
        "Connection: Upgrade\r\n"
        "Sec-WebSocket-Accept: ";
    response += websocket_accept_value(request.header("sec-websocket-key").value_or(""));
    if (!subprotocol.empty()) {
        response += "\r\nSec-WebSocket-Protocol: ";
        response += subprotocol;
    }
    if (!extensions.empty()) {
        response += "\r\nSec-WebSocket-Extensions: ";
        response += extensions;
    }
    response += "\r\n\r\n";
    return response;
}

}  // namespace broker::transport
