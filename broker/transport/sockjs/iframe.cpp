#include "broker/transport/sockjs/answers.hpp"
#include "broker/transport/sockjs/endpoints.hpp"

#include <string>

namespace broker::transport::sockjs {
namespace {

std::string attribute_value(std::string_view text) {
    std::string out;
    for (char const c : text) {
        switch (c) {
            case '"': out += "&quot;"; break;
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            default: out += c;
        }
    }
    return out;
}

}  // namespace

std::string make_iframe_page(service_options const& options) {
    auto const script = "  <script src=\"" + attribute_value(options.sockjs_url) + "\"></script>\n";
    bool const script_last = options.protocol->iframe_waits_for_script;
    std::string page =
        "<!DOCTYPE html>\n"
        "<html>\n"
        "<head>\n"
        "  <meta http-equiv=\"X-UA-Compatible\" content=\"IE=edge\" />\n"
        "  <meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\" />\n";
    if (!script_last) page += script;
    page +=
        "  <script>\n"
        "    document.domain = document.domain;\n";
    page += script_last ? "    _sockjs_onload = function(){SockJS.bootstrap_iframe();};\n"
                        : "    SockJS.bootstrap_iframe();\n";
    page += "  </script>\n";
    if (script_last) page += script;
    page +=
        "</head>\n"
        "<body>\n"
        "  <h2>Don't panic!</h2>\n"
        "  <p>This is a SockJS hidden iframe. It's used for cross domain magic.</p>\n"
        "</body>\n"
        "</html>";
    return page;
}

void serve_iframe(call const& call) {
    if (call.request().method != "GET") return call.exchange->respond(method_not_allowed("GET"));

    auto const& etag = call.service.iframe_etag;
    auto const known = call.request().header("if-none-match");
    bool const unchanged = known && known->find(etag) != known->npos;
    auto response = empty_response(unchanged ? 304 : 200);
    add_header(response, "ETag", etag);
    add_long_cache(response);
    if (!unchanged) {
        add_content_type(response, html_type);
        auto const& framing = call.service.origins.frame_ancestors();
        if (!framing.empty()) add_header(response, "Content-Security-Policy", framing);
        response.body = call.service.iframe_page;
    }
    call.exchange->respond(std::move(response));
}

}  // namespace broker::transport::sockjs
