#include "bench/client/websocket_handshake.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <span>
#include <stdexcept>

namespace bench {
namespace {

std::string base64(std::span<unsigned char const> bytes) {
    std::string out(4 * ((bytes.size() + 2) / 3), '\0');
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes.data(),
                    static_cast<int>(bytes.size()));
    return out;
}

char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_word(std::string_view a, std::string_view b) noexcept {
    return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view trimmed(std::string_view text) noexcept {
    auto const first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

std::string make_websocket_key() {
    std::array<unsigned char, 16> bytes{};
    std::random_device random;
    for (auto& byte : bytes) byte = static_cast<unsigned char>(random());
    return base64(bytes);
}

std::string websocket_accept_of(std::string_view key) {
    std::string const text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, 20> digest{};
    if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha1(), nullptr) != 1) {
        throw std::runtime_error("SHA-1 is not available: WebSocket needs it");
    }
    return base64(digest);
}

std::string to_text(handshake_request const& request) {
    std::string out = "GET ";
    out.append(request.path).append(" HTTP/1.1\r\nHost: ");
    bool const address = request.host.find(':') != std::string_view::npos;
    if (address) out.push_back('[');
    out.append(request.host);
    if (address) out.push_back(']');
    if (request.port != request.default_port) out.append(":" + std::to_string(request.port));
    out.append("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ");
    out.append(request.key).append("\r\nSec-WebSocket-Version: 13\r\n");
    if (!request.protocols.empty()) {
        out.append("Sec-WebSocket-Protocol: ").append(request.protocols).append("\r\n");
    }
    if (!request.token.empty()) {
        out.append("Authorization: Bearer ").append(request.token).append("\r\n");
    }
    return out.append("\r\n");
}

std::string websocket_protocols(std::string_view accept_version) {
    std::string out;
    for (std::string_view const version : {"1.2", "1.1", "1.0"}) {
        if (accept_version.find(version) == std::string_view::npos) continue;
        if (!out.empty()) out.append(", ");
        out.append("v").append({version[0], version[2]}).append(".stomp");
    }
    return out;
}

std::string_view http_field(std::string_view head, std::string_view name) noexcept {
    for (auto at = head.find('\n'); at != std::string_view::npos; at = head.find('\n')) {
        head.remove_prefix(at + 1);
        std::string_view line = head.substr(0, head.find('\n'));
        if (line.ends_with('\r')) line.remove_suffix(1);
        auto const colon = line.find(':');
        if (colon == std::string_view::npos || !same_word(line.substr(0, colon), name)) continue;
        return trimmed(line.substr(colon + 1));
    }
    return {};
}

std::string handshake_refusal(std::string_view head, std::string_view accept) {
    std::string_view status = head.substr(0, head.find('\n'));
    if (status.ends_with('\r')) status.remove_suffix(1);
    if (!status.starts_with("HTTP/1.")) return "what answers does not speak HTTP";
    auto const blank = status.find(' ');
    if (blank == std::string_view::npos || !status.substr(blank + 1).starts_with("101")) {
        return std::string(status);
    }
    if (!same_word(http_field(head, "upgrade"), "websocket")) {
        return "HTTP 101 without an upgrade to WebSocket";
    }
    if (http_field(head, "sec-websocket-accept") != accept) {
        return "HTTP 101 with a wrong Sec-WebSocket-Accept";
    }
    return {};
}

}  // namespace bench
