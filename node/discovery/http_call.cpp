#include "node/discovery/http_call.hpp"

#include <curl/curl.h>

#include <array>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace node::discovery {
namespace {

struct easy_closer {
    void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
};
struct list_closer {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
struct url_closer {
    void operator()(CURLU* handle) const noexcept { curl_url_cleanup(handle); }
};
struct text_closer {
    void operator()(char* text) const noexcept { curl_free(text); }
};
using url_handle = std::unique_ptr<CURLU, url_closer>;
using list_handle = std::unique_ptr<curl_slist, list_closer>;

std::string part_of(url_handle const& url, CURLUPart part, unsigned flags = 0) {
    char* text = nullptr;
    if (curl_url_get(url.get(), part, &text, flags) != CURLUE_OK) return {};
    std::unique_ptr<char, text_closer> const owned(text);
    return text;
}

std::size_t on_bytes(char*, std::size_t, std::size_t count, void*) {
    return count;  // nobody reads them; the time-out bounds their number
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<std::atomic<bool> const*>(user)->load() ? 1 : 0;
}

list_handle headers_of(call const& what) {
    list_handle headers(curl_slist_append(nullptr, "Accept: application/json"));
    // Otherwise curl says that no body is a form.
    auto const* const type = what.json.empty() ? "Content-Type:" : "Content-Type: application/json";
    auto* const longer = headers ? curl_slist_append(headers.get(), type) : nullptr;
    return longer == nullptr ? nullptr : std::move(headers);
}

}  // namespace

server_address parse_server(std::string const& text, std::string const& password) {
    url_handle const url(curl_url());
    if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
        throw std::invalid_argument(
            "an address cannot be read; expected one such as "
            "\"http://user:password@host:8761/eureka\"");
    }
    auto const scheme = part_of(url, CURLUPART_SCHEME);
    if (scheme != "http" && scheme != "https") {
        throw std::invalid_argument("an address begins with neither http:// nor https://");
    }
    if (!part_of(url, CURLUPART_QUERY).empty() || !part_of(url, CURLUPART_FRAGMENT).empty()) {
        throw std::invalid_argument("an address has a query or a fragment; expected none");
    }
    server_address out;
    out.user = part_of(url, CURLUPART_USER, CURLU_URLDECODE);
    out.password = part_of(url, CURLUPART_PASSWORD, CURLU_URLDECODE);
    if (!out.user.empty() && out.password.empty()) out.password = password;
    curl_url_set(url.get(), CURLUPART_USER, nullptr, 0);
    curl_url_set(url.get(), CURLUPART_PASSWORD, nullptr, 0);
    out.url = part_of(url, CURLUPART_URL);
    while (out.url.ends_with('/')) out.url.pop_back();
    return out;
}

std::variant<unsigned, call_failure> http_call(server_address const& to, call const& what,
                                               std::chrono::milliseconds timeout,
                                               std::atomic<bool> const& stop) {
    static CURLcode const ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    std::unique_ptr<CURL, easy_closer> const handle(curl_easy_init());
    auto const headers = headers_of(what);
    if (ready != CURLE_OK || !handle || !headers) return call_failure{"libcurl cannot be used"};

    std::array<char, CURL_ERROR_SIZE> why{};
    auto set = [&](CURLoption option, auto value) {
        curl_easy_setopt(handle.get(), option, value);
    };
    auto const url = to.url + what.path;
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_CUSTOMREQUEST, what.method.c_str());
    if (what.method != "DELETE") {
        set(CURLOPT_POSTFIELDS, what.json.c_str());
        set(CURLOPT_POSTFIELDSIZE, static_cast<long>(what.json.size()));
    }
    if (!to.user.empty()) {
        set(CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        set(CURLOPT_USERNAME, to.user.c_str());
        set(CURLOPT_PASSWORD, to.password.c_str());
    }
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
    set(CURLOPT_NOSIGNAL, 1L);
    // A name that is looked up for longer than the time-out is not waited for.
    set(CURLOPT_QUICK_EXIT, 1L);
    set(CURLOPT_HTTPHEADER, headers.get());
    set(CURLOPT_USERAGENT, "stampede");
    set(CURLOPT_WRITEFUNCTION, &on_bytes);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &on_progress);
    set(CURLOPT_XFERINFODATA, const_cast<std::atomic<bool>*>(&stop));
    set(CURLOPT_ERRORBUFFER, why.data());

    auto const code = curl_easy_perform(handle.get());
    if (code != CURLE_OK) {
        return call_failure{why[0] != '\0' ? why.data() : curl_easy_strerror(code)};
    }
    long status = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    return static_cast<unsigned>(status);
}

}  // namespace node::discovery
