#include "node/discovery/instance.hpp"

#include "chat/json/object_writer.hpp"

namespace node::discovery {
namespace {

namespace json = chat::json;

// Servers compare the name in the address with the one in the body after making the first one
// upper case.
std::string upper(std::string text) {
    for (auto& c : text) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return text;
}

// A port is there in either case; whether it counts stands beside it.
void append_port(std::string& out, std::optional<std::uint16_t> port, std::uint16_t otherwise) {
    json::object_writer one(out);
    one.field("$", std::uint64_t{port.value_or(otherwise)})
        .field("@enabled", port ? "true" : "false");
    one.close();
}

std::string base_url(instance const& of) {
    bool const plain = of.port.has_value();
    bool const v6 = of.host_name.find(':') != std::string::npos;
    auto const port = plain ? *of.port : of.secure_port.value_or(0);
    return (plain ? "http://" : "https://") + (v6 ? "[" + of.host_name + "]" : of.host_name) + ":" +
           std::to_string(port);
}

void append_lease(std::string& out, instance const& of) {
    json::object_writer lease(out);
    lease.field("renewalIntervalInSecs", static_cast<std::uint64_t>(of.heart_beat.count()))
        .field("durationInSecs", static_cast<std::uint64_t>(of.lease.count()));
    lease.close();
}

void append_metadata(std::string& out, instance const& of) {
    json::object_writer all(out);
    for (auto const& [name, value] : of.metadata) all.foreign_field(name, value);
    all.close();
}

}  // namespace

std::string_view name_of(instance_status status) noexcept {
    switch (status) {
        case instance_status::starting: return "STARTING";
        case instance_status::up: return "UP";
        case instance_status::out_of_service: return "OUT_OF_SERVICE";
    }
    return {};
}

instance_status status_of(bool ready, std::string_view readiness) noexcept {
    if (ready) return instance_status::up;
    return readiness == "starting" ? instance_status::starting : instance_status::out_of_service;
}

std::string app_path(instance const& of) {
    return "/apps/" + upper(of.app);
}

std::string instance_path(instance const& of) {
    return app_path(of) + "/" + of.id;
}

std::string renewal_path(instance const& of, instance_status status, dirty_time since) {
    std::string path = instance_path(of);
    path.append("?status=").append(name_of(status));
    return path.append("&lastDirtyTimestamp=").append(std::to_string(since));
}

std::string registration_body(instance const& of, instance_status status, dirty_time since) {
    auto const url = base_url(of);
    std::string out;
    json::object_writer body(out);
    json::object_writer one(body.key("instance"));
    one.field("instanceId", std::string_view(of.id))
        .field("app", std::string_view(upper(of.app)))
        .field("hostName", std::string_view(of.host_name))
        .field("ipAddr", std::string_view(of.ip_address))
        // What clients ask for: Spring's look an application up by this name, not by `app`.
        .field("vipAddress", std::string_view(of.app))
        .field("secureVipAddress", std::string_view(of.app))
        .field("status", name_of(status));
    append_port(one.key("port"), of.port, 80);
    append_port(one.key("securePort"), of.secure_port, 443);
    one.field("homePageUrl", std::string_view(url + "/"))
        .field("statusPageUrl", std::string_view(url + "/health/ready"))
        .field("healthCheckUrl", std::string_view(url + "/health/ready"))
        .raw(
            "dataCenterInfo",
            R"({"@class":"com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo","name":"MyOwn"})");
    append_lease(one.key("leaseInfo"), of);
    append_metadata(one.key("metadata"), of);
    one.field("lastDirtyTimestamp", std::string_view(std::to_string(since)));
    one.close();
    body.close();
    return out;
}

}  // namespace node::discovery
