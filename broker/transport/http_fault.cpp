#include "broker/transport/http_fault.hpp"

#include "broker/transport/http_answer.hpp"

namespace broker::transport {

http_response to_response(http_fault const& fault) {
    http_response response;
    response.status = fault.status;
    response.headers = {{"Content-Type", "application/problem+json"},
                        {"Cache-Control", "no-store"}};
    auto const field = [&body = response.body](std::string_view name, std::string_view text) {
        body.append(",\"").append(name).append("\":\"").append(text).append("\"");
    };
    response.body = "{\"status\":" + std::to_string(fault.status);
    field("title", http_reason(fault.status));
    field("detail", fault.detail);
    field("code", fault.code);
    field("type", std::string("urn:stampede:problem:").append(fault.code));
    response.body += '}';
    return response;
}

}  // namespace broker::transport
