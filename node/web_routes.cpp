#include "node/web_routes.hpp"

#include "web/assets.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace node {
namespace {

using broker::transport::http_exchange_ptr;
using broker::transport::http_request;
using broker::transport::http_response;
using broker::transport::text_response;

// A page loads nothing from elsewhere.
constexpr std::string_view content_policy =
    "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors ";

// SockJS' iframe transports frame the node's own pages, and its JSONP transport sends by forms;
// nobody frames the console.
std::string policy_of(web::asset const& file) {
    bool const framed = !file.path.starts_with("/console/");
    return std::string(content_policy).append(framed ? "'self'" : "'none'");
}

bool takes_gzip(http_request const& request) {
    return request.header("Accept-Encoding").value_or("").find("gzip") != std::string_view::npos;
}

bool has_it_already(http_request const& request, web::asset const& file) {
    auto const known = request.header("If-None-Match");
    return known && (*known == "*" || known->find(file.etag) != std::string_view::npos);
}

http_response method_not_allowed() {
    auto answer = text_response(405, "Only GET and HEAD.\n");
    answer.headers.push_back({"Allow", "GET, HEAD"});
    return answer;
}

http_response answer_for(http_request const& request, web::asset const& file) {
    if (request.method != "GET" && request.method != "HEAD") return method_not_allowed();
    http_response out;
    out.headers = {
        {"Content-Type", std::string(file.content_type)},
        {"ETag", std::string(file.etag)},
        {"Cache-Control", file.immutable ? "public, max-age=31536000, immutable" : "no-cache"},
        {"Vary", "Accept-Encoding"},
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "same-origin"},
        {"Content-Security-Policy", policy_of(file)},
    };
    if (has_it_already(request, file)) {
        out.status = 304;
        return out;
    }
    bool const gzip = !file.gzip.empty() && takes_gzip(request);
    if (gzip) out.headers.push_back({"Content-Encoding", "gzip"});
    out.static_body = gzip ? file.gzip : file.bytes;
    return out;
}

// An address without the slash would give the page's relative addresses another meaning.
http_response moved_to(std::string path) {
    auto answer = text_response(308, "It is at " + path + "\n");
    answer.headers.push_back({"Location", std::move(path)});
    answer.headers.push_back({"Cache-Control", "no-cache"});
    return answer;
}

}  // namespace

void add_web_routes(broker::transport::http_routes& routes) {
    routes.add(
        "/console",
        [](http_exchange_ptr const& exchange) { exchange->respond(moved_to("/console/")); },
        broker::http_route_group::page);
    for (auto const& file : web::assets()) {
        routes.add(
            std::string(file.path),
            [&file](http_exchange_ptr const& exchange) {
                exchange->respond(answer_for(exchange->request(), file));
            },
            broker::http_route_group::page);
    }
}

}  // namespace node
