#include "broker/transport/sockjs/origin.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace broker::transport::sockjs {
namespace {

std::string lower_case(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

// The scheme is left out of the comparison: a proxy may have taken the TLS off.
bool is_own_host(std::string_view origin, std::optional<std::string_view> host) {
    auto const scheme_end = origin.find("://");
    return host && scheme_end != origin.npos && origin.substr(scheme_end + 3) == lower_case(*host);
}

// "https://a.example/page?q" -> "https://a.example"
std::string_view origin_of(std::string_view address) {
    auto const scheme_end = address.find("://");
    return scheme_end == address.npos ? address
                                      : address.substr(0, address.find('/', scheme_end + 3));
}

}  // namespace

origin_policy::origin_policy(std::vector<std::string> allowed) : allowed_(std::move(allowed)) {
    everyone_ = std::ranges::find(allowed_, "*") != allowed_.end();
    if (everyone_) return;
    frame_ancestors_ = "frame-ancestors 'self'";
    for (auto& origin : allowed_) {
        origin = lower_case(origin);
        frame_ancestors_ += " " + origin;
    }
}

bool origin_policy::allows(http_request const& request) const {
    if (everyone_) return true;
    auto origin = request.header("origin");
    if (!origin) {
        auto const site = request.header("sec-fetch-site");
        if (!site || *site == "same-origin" || *site == "none") return true;
        auto const page = request.header("referer");
        if (!page) return false;
        origin = origin_of(*page);
    }
    auto const wanted = lower_case(*origin);
    return std::ranges::find(allowed_, wanted) != allowed_.end() ||
           is_own_host(wanted, request.header("host"));
}

}  // namespace broker::transport::sockjs
