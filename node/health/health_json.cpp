#include "node/health/health_json.hpp"

#include "chat/json/object_writer.hpp"

#include <fmt/format.h>
#include <chrono>

namespace node::health {
namespace {

namespace json = chat::json;

chat::timestamp to_time(wall_clock::time_point when) {
    return std::chrono::floor<std::chrono::milliseconds>(when);
}

void append(std::string& out, observed const& each) {
    auto const& of = each.of;
    json::object_writer one(out);
    one.field("name", std::string_view(each.name))
        .field("state", name_of(of.state))
        .field("since", to_time(of.since));
    if (of.last_success) {
        auto const time = std::chrono::duration<double, std::milli>(of.round_trip).count();
        one.field("lastSuccess", to_time(*of.last_success))
            .raw("roundTripMs", fmt::format("{:.3f}", time));
    }
    if (!of.last_error.empty()) {
        one.field("lastError", std::string_view(of.last_error))
            .field("lastErrorAt", to_time(of.last_error_at));
    }
    one.close();
}

}  // namespace

std::string to_json(verdict const& judged, facts const& known) {
    std::string out;
    json::object_writer body(out);
    body.field("status", judged.status);
    json::append_array(body.key("loops"), known.loops, append);
    if (!known.links.empty()) json::append_array(body.key("links"), known.links, append);
    body.close();
    return out;
}

}  // namespace node::health
