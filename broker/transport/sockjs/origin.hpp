#pragma once

#include "broker/transport/http.hpp"

#include <string>
#include <string_view>
#include <vector>

// Which pages may connect (REQUIREMENTS F6).

namespace broker::transport::sockjs {

class origin_policy {
public:
    // Full origins ("https://chat.example.org"), or "*" for every page.
    explicit origin_policy(std::vector<std::string> allowed);

    bool allows_everyone() const noexcept { return everyone_; }

    // A request without Origin comes from no script of another page, or from a script element or
    // frame of one; browsers say which in Sec-Fetch-Site. For an element (JSONP) the page is then
    // known by its Referer, which it can withhold but not forge.
    bool allows(http_request const& request) const;

    // Value of Content-Security-Policy for pages that only the allowed may frame; empty: no limit.
    std::string const& frame_ancestors() const noexcept { return frame_ancestors_; }

private:
    bool everyone_ = false;
    std::vector<std::string> allowed_;  // in lower case
    std::string frame_ancestors_;
};

}  // namespace broker::transport::sockjs
