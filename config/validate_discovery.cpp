#include "config/validate.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace config {
namespace {

bool is_made_of(std::string_view text, std::string_view more) {
    return std::ranges::all_of(text, [more](unsigned char c) {
        return std::isalnum(c) != 0 || more.find(static_cast<char>(c)) != std::string_view::npos;
    });
}

bool is_address(std::string_view url) {
    for (std::string_view const scheme : {"http://", "https://"}) {
        if (url.starts_with(scheme)) return url.size() > scheme.size();
    }
    return false;
}

bool is_numeric(std::string const& address) {
    std::array<unsigned char, 16> bytes{};
    return inet_pton(AF_INET, address.c_str(), bytes.data()) == 1 ||
           inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1;
}

// Names become elements where a server answers in XML.
bool is_metadata(std::string_view text) {
    auto const name = text.substr(0, text.find('='));
    return name.size() < text.size() && !name.empty() &&
           std::isalpha(static_cast<unsigned char>(name.front())) != 0 && is_made_of(name, "-_");
}

void validate_names(eureka_settings const& eureka, complaints& to) {
    if (!is_made_of(eureka.app, "-_.")) {
        to.refuse(
            {"eureka.app"},
            fmt::format("expected letters, digits, '-', '_' and '.'; got \"{}\"", eureka.app));
    }
    if (!is_made_of(eureka.instance_id, "-_.:")) {
        to.refuse({"eureka.instance_id"},
                  fmt::format("expected letters, digits, '-', '_', '.' and ':'; got \"{}\"",
                              eureka.instance_id));
    }
    if (!is_made_of(eureka.host_name, "-_.:")) {
        to.refuse({"eureka.host_name"},
                  fmt::format("expected a host's name or its numeric address, without a port; got "
                              "\"{}\"",
                              eureka.host_name));
    }
    if (!eureka.ip_address.empty() && !is_numeric(eureka.ip_address)) {
        to.refuse({"eureka.ip_address"},
                  fmt::format("expected a numeric address such as \"10.0.0.7\"; got \"{}\"",
                              eureka.ip_address));
    }
    for (auto const& each : eureka.metadata) {
        if (is_metadata(each)) continue;
        to.refuse(
            {"eureka.metadata"},
            fmt::format("expected \"name=value\", with a name of letters, digits, '-' and '_' "
                        "that begins with a letter; got \"{}\"",
                        each));
    }
}

}  // namespace

void validate_discovery(settings const& all, complaints& to) {
    auto const& eureka = all.eureka;
    validate_names(eureka, to);
    // They may hold passwords: they are not repeated.
    if (!std::ranges::all_of(eureka.urls, is_address)) {
        to.refuse({"eureka.urls"},
                  "expected addresses such as \"http://user:password@host:8761/eureka\"");
    }
    if (eureka.lease <= eureka.heart_beat) {
        to.refuse({"eureka.lease", "eureka.heart_beat"},
                  fmt::format("expected more than eureka.heart_beat, {}; a registration would end "
                              "before it is renewed; got {}",
                              to_string(eureka.heart_beat), to_string(eureka.lease)));
    }
    bool const has_http = std::ranges::any_of(all.listeners, [](listener_settings const& each) {
        return each.protocol == listener_protocol::http;
    });
    if (!eureka.urls.empty() && !has_http && eureka.port == 0 && eureka.secure_port == 0) {
        to.refuse({"eureka.port", "eureka.urls"},
                  "missing; no listener is for HTTP, so there is nothing to tell others");
    }
}

}  // namespace config
