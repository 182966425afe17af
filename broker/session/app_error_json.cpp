#include "broker/session/app_error_json.hpp"

#include "stomp/utf8.hpp"

namespace broker {
namespace {

void append_escaped(std::string& out, std::string_view text) {
    constexpr std::string_view hex = "0123456789abcdef";
    auto const plain_ascii_only = !stomp::is_valid_utf8(text);
    for (auto const c : text) {
        auto const octet = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (octet < 0x20 || octet == 0x7F) {
            out += "\\u00";
            out += hex[octet >> 4U];
            out += hex[octet & 0x0FU];
        } else if (octet >= 0x80 && plain_ascii_only) {
            out += '?';
        } else {
            out += c;
        }
    }
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
    out += out.size() == 1 ? "\"" : ",\"";
    out += name;
    out += "\":\"";
    append_escaped(out, value);
    out += '"';
}

}  // namespace

std::string to_json(app_error_report const& report) {
    std::string out = "{";
    append_member(out, "code", report.code);
    append_member(out, "reason", report.reason);
    if (!report.destination.empty()) append_member(out, "destination", report.destination);
    if (report.receipt) append_member(out, "receipt", *report.receipt);
    if (report.idempotency_key) append_member(out, "idempotencyKey", *report.idempotency_key);
    out += '}';
    return out;
}

}  // namespace broker
