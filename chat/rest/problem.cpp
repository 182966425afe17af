#include "chat/rest/problem.hpp"

#include "chat/json/object_writer.hpp"

#include <utility>

namespace chat::rest {

using namespace std::chrono_literals;

namespace {

// A path as it came may hold any byte; a URI reference, and JSON, may not.
std::string as_reference(std::string_view path) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string reference;
    for (char const c : path) {
        auto const byte = static_cast<unsigned char>(c);
        if (byte > 0x20 && byte < 0x7f) {
            reference += c;
        } else {
            reference += '%';
            reference += digits[byte >> 4U];
            reference += digits[byte & 15U];
        }
    }
    return reference;
}

broker::transport::http_response respond_with(problem const& what, std::string_view path) {
    broker::transport::http_response response;
    response.status = what.status;
    response.headers = {{"Content-Type", "application/problem+json"},
                        {"Cache-Control", "no-store"}};
    if (what.status == 401) response.headers.push_back({"WWW-Authenticate", "Bearer"});
    if (what.status == 503) {
        auto const wait = std::chrono::ceil<std::chrono::seconds>(what.retry_after);
        response.headers.push_back({"Retry-After", std::to_string(wait.count())});
    }
    json::object_writer body(response.body);
    body.field("type", std::string("urn:stampede:problem:").append(what.code))
        .field("title", what.title)
        .field("status", what.status)
        .field("detail", what.detail)
        .field("code", what.code)
        .field("instance", as_reference(path));
    body.close();
    return response;
}

}  // namespace

broker::transport::http_response problem_response(problem const& what, std::string_view path) {
    return respond_with(what, path);
}

broker::transport::http_response problem_response(refusal const& refused, std::string_view path) {
    auto const& row = describe(refused.code);
    return respond_with({row.http_status, row.code, row.title, refused.sentence()}, path);
}

broker::transport::http_response problem_response(broker::auth_refusal const& refused,
                                                  std::string_view path) {
    if (broker::was_not_checked(refused)) {
        return respond_with({503, refused.code, "The credentials could not be checked.",
                             refused.reason, refused.retry_after.value_or(1s)},
                            path);
    }
    bool const banned = refused.code == "banned";
    return respond_with(
        {banned ? 403U : 401U, refused.code,
         banned ? "The user is banned." : "The credentials are refused.", refused.reason},
        path);
}

broker::transport::http_response too_many_requests(
    broker::limiting::limiter::allowance const& allowed, std::string_view of,
    std::string_view path) {
    using std::chrono::ceil;
    using std::chrono::seconds;
    auto response =
        respond_with({429, "rate_limited", "Too many requests.",
                      "More requests came than the limits allow; wait for the time that "
                      "Retry-After says."},
                     path);
    auto const number = [](auto count) { return std::to_string(count); };
    auto const wait = number(ceil<seconds>(allowed.wait).count());
    response.headers.push_back({"Retry-After", wait});
    if (allowed.by.off()) return response;
    auto const name = '"' + std::string(of) + '"';
    auto const window = ceil<seconds>(allowed.by.reserve()).count();
    response.headers.push_back(
        {"RateLimit-Policy", name + ";q=" + number(allowed.by.burst) + ";w=" + number(window)});
    response.headers.push_back({"RateLimit", name + ";r=0;t=" + wait});
    return response;
}

}  // namespace chat::rest
