#include "broker/transport/sockjs/answers.hpp"
#include "broker/transport/sockjs/endpoints.hpp"
#include "broker/transport/sockjs/frame_encoder.hpp"
#include "broker/transport/sockjs/transport_names.hpp"

#include <utility>

namespace broker::transport::sockjs {
namespace {

std::string as_script_element(std::string&& frame, std::string_view) {
    return "<script>\np(" + as_script_string(frame, script_host::html) + ");\n</script>\r\n";
}

constexpr receiver_format htmlfile_format{transport_names::htmlfile, as_script_element};

// Safari renders nothing before it has 1 KiB.
constexpr std::size_t padded_bytes = 1024;

std::string page_head(std::string_view callback) {
    std::string page =
        "<!doctype html>\n"
        "<html><head>\n"
        "  <meta http-equiv=\"X-UA-Compatible\" content=\"IE=edge\" />\n"
        "  <meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\" />\n"
        "</head><body><h2>Don't panic!</h2>\n"
        "  <script>\n"
        "    document.domain = document.domain;\n"
        "    var c = parent.";
    page.append(callback);
    page +=
        ";\n"
        "    c.start();\n"
        "    function p(d) {c.message(d);};\n"
        "    window.onload = function() {c.stop();};\n"
        "  </script>\n";
    if (page.size() < padded_bytes) page.resize(padded_bytes, ' ');
    page += "\r\n\r\n";
    return page;
}

}  // namespace

void serve_htmlfile(call const& call) {
    auto const callback = callback_parameter(call);
    if (!callback) return;
    receive(call, [call, callback = *callback](http_exchange_ptr exchange) {
        auto head = session_response(call, 200, html_type, false);
        add_header(head, "X-Content-Type-Options", "nosniff");
        auto const& framing = call.service.origins.frame_ancestors();
        if (!framing.empty()) add_header(head, "Content-Security-Policy", framing);
        add_unbuffered(head);
        head.body = page_head(callback);
        return make_streaming_receiver(std::move(exchange), std::move(head), htmlfile_format,
                                       call.options().streaming_limit);
    });
}

}  // namespace broker::transport::sockjs
