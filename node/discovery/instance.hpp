#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What a service registry is told of this node, in the words of Eureka's REST API. Pure.

namespace node::discovery {

// What others should do with the node: wait, come, stay away.
enum class instance_status : std::uint8_t { starting, up, out_of_service };
std::string_view name_of(instance_status status) noexcept;  // "STARTING", as Eureka writes it

// The status that follows from what /health/ready says.
instance_status status_of(bool ready, std::string_view readiness) noexcept;

struct instance {
    std::string app;  // the service's name, as its clients ask for it
    std::string id;   // among the instances of the app
    std::string host_name;
    std::string ip_address;
    std::optional<std::uint16_t> port;         // HTTP and WebSocket
    std::optional<std::uint16_t> secure_port;  // the same over TLS
    std::chrono::seconds heart_beat{30};
    std::chrono::seconds lease{90};
    std::vector<std::pair<std::string, std::string>> metadata;
};

// When the status last changed, in milliseconds since 1970. A server that has an older one asks
// for a registration; it rises with each change.
using dirty_time = std::uint64_t;

// Behind the address of a server: "/apps/STAMPEDE", "/apps/STAMPEDE/host:stampede:8080".
std::string app_path(instance const& of);
std::string instance_path(instance const& of);
// The same with the query of a renewal.
std::string renewal_path(instance const& of, instance_status status, dirty_time since);

// The body of a registration, in JSON.
std::string registration_body(instance const& of, instance_status status, dirty_time since);

}  // namespace node::discovery
