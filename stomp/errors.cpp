#include "stomp/errors.hpp"

#include <string>

namespace stomp {
namespace {

class category final : public boost::system::error_category {
public:
    char const* name() const noexcept override { return "stomp"; }

    std::string message(int code) const override {
        return std::string(text(static_cast<errc>(code)));
    }

    // All texts are literals, so no copy is needed.
    char const* message(int code, char*, std::size_t) const noexcept override {
        return text(static_cast<errc>(code)).data();
    }
};

}  // namespace

std::string_view text(errc code) noexcept {
    switch (code) {
        case errc::unknown_command: return "unknown command";
        case errc::malformed_header: return "malformed header";
        case errc::nul_in_head: return "NUL before the end of the headers";
        case errc::stray_octet: return "octets between frames";
        case errc::undefined_escape: return "undefined escape";
        case errc::head_not_utf8: return "headers are not UTF-8";
        case errc::invalid_content_length: return "invalid content-length";
        case errc::missing_terminator: return "NUL missing after the body";
        case errc::body_not_allowed: return "body not allowed";
        case errc::header_line_too_long: return "header line too long";
        case errc::too_many_headers: return "too many headers";
        case errc::headers_too_large: return "headers too large";
        case errc::body_too_large: return "body too large";
        case errc::version_not_supported: return "supported protocol versions are 1.0, 1.1, 1.2";
        case errc::invalid_heart_beat: return "invalid heart-beat";
        case errc::invalid_ack_mode: return "invalid ack mode";
    }
    return "unknown error";
}

boost::system::error_category const& error_category() noexcept {
    static category const instance;
    return instance;
}

}  // namespace stomp
