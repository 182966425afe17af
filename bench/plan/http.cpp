#include "bench/plan/http.hpp"

#include <curl/curl.h>
#include <fmt/format.h>
#include <simdjson.h>

#include <stdexcept>
#include <utility>

namespace bench {
namespace {

constexpr long timeout_seconds = 30;

std::string base_of(endpoint const& of) {
    bool const six = of.host.find(':') != std::string::npos;
    return fmt::format("{}://{}{}{}:{}", of.tls ? "https" : "http", six ? "[" : "", of.host,
                       six ? "]" : "", of.port);
}

std::size_t append(char* bytes, std::size_t size, std::size_t count, void* to) {
    static_cast<std::string*>(to)->append(bytes, size * count);
    return size * count;
}

// curl asks every second at least.
int is_stopped(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<std::atomic<bool> const*>(stop)->load() ? 1 : 0;
}

}  // namespace

struct http_client::handle {
    CURL* curl = nullptr;
    curl_slist* headers = nullptr;
    std::string base;
};

http_client::http_client(target const& server, std::string const& authorization,
                         std::atomic<bool> const& stop)
    : handle_(std::make_unique<handle>()) {
    static bool const initialised = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    handle_->curl = initialised ? curl_easy_init() : nullptr;
    if (handle_->curl == nullptr) throw std::runtime_error("libcurl cannot start");
    handle_->base = base_of(server.rest ? *server.rest : server.urls.front());
    auto const add = [&](std::string const& line) {
        handle_->headers = curl_slist_append(handle_->headers, line.c_str());
    };
    add("Content-Type: application/json");
    add("Expect:");
    if (!authorization.empty()) add("Authorization: " + authorization);
    auto* const curl = handle_->curl;
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, handle_->headers);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, timeout_seconds);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, is_stopped);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &stop);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append);
    if (!server.client.verify_certificate) {
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    } else if (!server.client.certificate_authority.empty()) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, server.client.certificate_authority.c_str());
    }
}

http_client::~http_client() {
    curl_easy_cleanup(handle_->curl);
    curl_slist_free_all(handle_->headers);
}

http_client::answer http_client::ask(std::string_view path, std::string_view body) {
    auto* const curl = handle_->curl;
    answer out;
    std::string const url = handle_->base + std::string(path);
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &out.body);
    if (body.empty()) {
        curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    } else {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
        curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, body.data());
    }
    auto const code = curl_easy_perform(curl);
    if (code != CURLE_OK) {
        out.problem =
            code == CURLE_ABORTED_BY_CALLBACK ? "stopped" : std::string(curl_easy_strerror(code));
        return out;
    }
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &out.status);
    return out;
}

std::vector<std::uint64_t> make_rooms(target const& server, std::string const& authorization,
                                      std::size_t count, std::atomic<bool> const& stop) {
    http_client http(server, authorization, stop);
    std::string const body =
        fmt::format(R"({{"name":"bench","creatorId":{},"nickname":"bench"}})", server.user);
    simdjson::dom::parser parser;
    std::vector<std::uint64_t> out;
    for (std::size_t i = 0; i < count; ++i) {
        auto const answer = http.ask("/api/chat/rooms", body);
        std::uint64_t room = 0;
        if (answer.status / 100 != 2 ||
            parser.parse(answer.body)["chatRoomId"].get(room) != simdjson::SUCCESS) {
            throw std::runtime_error(
                fmt::format("POST /api/chat/rooms: {}",
                            answer.status == 0 ? answer.problem
                                               : fmt::format("{} {}", answer.status, answer.body)));
        }
        out.push_back(room);
    }
    return out;
}

}  // namespace bench
