#include "broker/auth/jwt/http_fetch.hpp"

#include <curl/curl.h>

#include <array>
#include <memory>

namespace broker::auth {
namespace {

struct easy_closer {
    void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
};
struct list_closer {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

struct sink {
    std::string body;
    std::size_t max_bytes;
};

std::size_t on_bytes(char* bytes, std::size_t, std::size_t count, void* user) {
    auto& into = *static_cast<sink*>(user);
    if (count > into.max_bytes - into.body.size()) return 0;  // ends the transfer
    into.body.append(bytes, count);
    return count;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<std::atomic<bool> const*>(user)->load() ? 1 : 0;
}

}  // namespace

std::variant<std::string, fetch_failure> http_fetch(std::string const& address,
                                                    std::chrono::milliseconds timeout,
                                                    std::size_t max_bytes,
                                                    std::atomic<bool> const& stop) {
    static CURLcode const ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    std::unique_ptr<CURL, easy_closer> const handle(curl_easy_init());
    std::unique_ptr<curl_slist, list_closer> const headers(
        curl_slist_append(nullptr, "Accept: application/jwk-set+json, application/json"));
    if (ready != CURLE_OK || !handle || !headers) return fetch_failure{"libcurl cannot be used"};

    sink into{{}, max_bytes};
    std::array<char, CURL_ERROR_SIZE> why{};
    auto set = [&](CURLoption option, auto value) {
        curl_easy_setopt(handle.get(), option, value);
    };
    bool const secure = address.starts_with("https:");
    set(CURLOPT_URL, address.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
    set(CURLOPT_FOLLOWLOCATION, 1L);
    set(CURLOPT_MAXREDIRS, 3L);
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_HTTPHEADER, headers.get());
    set(CURLOPT_USERAGENT, "stampede");
    set(CURLOPT_WRITEFUNCTION, &on_bytes);
    set(CURLOPT_WRITEDATA, &into);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &on_progress);
    set(CURLOPT_XFERINFODATA, const_cast<std::atomic<bool>*>(&stop));
    set(CURLOPT_ERRORBUFFER, why.data());

    auto const code = curl_easy_perform(handle.get());
    if (code == CURLE_WRITE_ERROR) {
        return fetch_failure{"the answer is longer than " + std::to_string(max_bytes) + " bytes"};
    }
    if (code != CURLE_OK) {
        return fetch_failure{why[0] != '\0' ? why.data() : curl_easy_strerror(code)};
    }
    long status = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) return fetch_failure{"the answer has status " + std::to_string(status)};
    return std::move(into.body);
}

}  // namespace broker::auth
