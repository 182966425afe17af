#include "broker/auth/jwt/jwks_location.hpp"

#include <curl/curl.h>

#include <memory>
#include <stdexcept>

namespace broker::auth {

bool is_address(std::string const& location) {
    return location.starts_with("http://") || location.starts_with("https://");
}

void check_address(std::string const& location) {
    std::unique_ptr<CURLU, void (*)(CURLU*)> const url(curl_url(), curl_url_cleanup);
    if (url && is_address(location) &&
        curl_url_set(url.get(), CURLUPART_URL, location.c_str(), 0) == CURLUE_OK) {
        return;
    }
    throw std::invalid_argument(
        "the address cannot be read (it is not repeated here, as it may hold a password); expected "
        "one such as \"https://login.example.org/keys\"");
}

std::string fit_for_a_log(std::string const& location) {
    if (!is_address(location)) return location;
    auto const host = location.find("://") + 3;
    // Up to the last @: a password with a slash or a question mark in it was not written as it
    // ought to be, and is one all the same.
    auto const at = location.rfind('@');
    auto const rest = location.substr(at == std::string::npos ? host : at + 1);
    return location.substr(0, host) + rest.substr(0, rest.find_first_of("?#"));
}

}  // namespace broker::auth
