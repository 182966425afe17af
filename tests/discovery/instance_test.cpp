#include "node/discovery/instance.hpp"

#include "node/discovery/discover.hpp"

#include <doctest/doctest.h>
#include <simdjson.h>

#include <string>
#include <utility>
#include <vector>

using namespace node::discovery;
using node::bound_listener;

namespace {

instance sample() {
    return {.app = "stampede",
            .id = "a.example.org:stampede:8080",
            .host_name = "a.example.org",
            .ip_address = "10.0.0.7",
            .port = 8080,
            .secure_port = {},
            .metadata = {{"websocketPath", "/ws"}}};
}

std::string registered(instance const& of) {
    return registration_body(of, instance_status::up, 17);
}

bool has(std::string const& text, std::string const& part) {
    return text.find(part) != std::string::npos;
}

constexpr auto http = config::listener_protocol::http;
constexpr auto stomp = config::listener_protocol::stomp;

}  // namespace

TEST_CASE("a registration, as Eureka reads it") {
    CHECK(app_path(sample()) == "/apps/STAMPEDE");
    CHECK(registered(sample()) ==
          R"({"instance":{"instanceId":"a.example.org:stampede:8080","app":"STAMPEDE",)"
          R"("hostName":"a.example.org","ipAddr":"10.0.0.7","vipAddress":"stampede",)"
          R"("secureVipAddress":"stampede","status":"UP","port":{"$":8080,"@enabled":"true"},)"
          R"("securePort":{"$":443,"@enabled":"false"},"homePageUrl":"http://a.example.org:8080/",)"
          R"("statusPageUrl":"http://a.example.org:8080/health/ready",)"
          R"("healthCheckUrl":"http://a.example.org:8080/health/ready","dataCenterInfo":)"
          R"({"@class":"com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo","name":"MyOwn"},)"
          R"("leaseInfo":{"renewalIntervalInSecs":30,"durationInSecs":90},)"
          R"("metadata":{"websocketPath":"/ws"},"lastDirtyTimestamp":"17"}})");
}

TEST_CASE("a renewal says what the server should have") {
    CHECK(renewal_path(sample(), instance_status::out_of_service, 18) ==
          "/apps/STAMPEDE/a.example.org:stampede:8080?status=OUT_OF_SERVICE&lastDirtyTimestamp=18");
    CHECK(instance_path(sample()) == "/apps/STAMPEDE/a.example.org:stampede:8080");
}

TEST_CASE("a node with TLS only has no plain port, and its pages are behind TLS") {
    auto only_tls = sample();
    only_tls.secure_port = std::exchange(only_tls.port, std::nullopt);
    auto const body = registered(only_tls);
    CHECK(has(body, R"("port":{"$":80,"@enabled":"false"})"));
    CHECK(has(body, R"("securePort":{"$":8080,"@enabled":"true"})"));
    CHECK(has(body, R"("homePageUrl":"https://a.example.org:8080/")"));
}

TEST_CASE("an IPv6 address stands in brackets in an address, and without them as a name") {
    auto v6 = sample();
    v6.host_name = "fd00::7";
    CHECK(has(registered(v6), R"("hostName":"fd00::7")"));
    CHECK(has(registered(v6), R"("homePageUrl":"http://[fd00::7]:8080/")"));
}

TEST_CASE("whatever stands in the metadata, the body is JSON") {
    auto odd = sample();
    odd.metadata.emplace_back("zone", "a\"}\\\n");
    simdjson::dom::parser parser;
    simdjson::padded_string const text(registered(odd));
    std::string_view zone;
    REQUIRE(parser.parse(text)["instance"]["metadata"]["zone"].get(zone) == simdjson::SUCCESS);
    CHECK(zone == "a\"}\\\n");
}

TEST_CASE("the status follows readiness") {
    CHECK(status_of(true, "ready") == instance_status::up);
    CHECK(status_of(true, "degraded") == instance_status::up);
    CHECK(status_of(false, "starting") == instance_status::starting);
    CHECK(status_of(false, "unready") == instance_status::out_of_service);
    CHECK(status_of(false, "stuck") == instance_status::out_of_service);
    CHECK(status_of(false, "draining") == instance_status::out_of_service);
    CHECK(name_of(instance_status::starting) == "STARTING");
}

TEST_CASE("what the configuration does not say is that of the listeners") {
    std::vector<bound_listener> const listeners{{stomp, false, {"10.0.0.7", 61613}},
                                                {http, true, {"10.0.0.7", 8443}},
                                                {http, false, {"10.0.0.8", 8080}}};
    config::settings from;
    from.eureka.host_name = "a";
    auto const self = self_of(from, listeners, "node-1");
    CHECK(self.id == "a:stampede:8080");
    CHECK(self.ip_address == "10.0.0.8");
    CHECK(self.port == 8080);
    CHECK(self.secure_port == 8443);
    std::vector<std::pair<std::string, std::string>> expected{
        {"websocketPath", "/ws"}, {"sockjsPath", "/ws-chat"}, {"nodeId", "node-1"}};
    CHECK(std::vector(self.metadata.begin(), self.metadata.begin() + 3) == expected);
    CHECK(self.metadata.back() == std::pair<std::string, std::string>("stompPort", "61613"));
}

TEST_CASE("what the configuration says is told, whatever the listeners are") {
    std::vector<bound_listener> const listeners{{http, false, {"0.0.0.0", 8080}}};
    config::settings from;
    from.eureka.app = "Chat";
    from.eureka.instance_id = "chat-1";
    from.eureka.host_name = "chat.example.org";
    from.eureka.ip_address = "192.0.2.1";
    from.eureka.port = 80;
    from.eureka.secure_port = 443;
    from.eureka.metadata = {"zone=a=b", "websocketPath=/chat/ws"};
    auto const self = self_of(from, listeners, "node-1");
    CHECK(self.id == "chat-1");
    CHECK(self.ip_address == "192.0.2.1");
    CHECK(self.port == 80);
    CHECK(self.secure_port == 443);
    auto const body = registered(self);
    CHECK(has(body, R"("app":"CHAT")"));
    CHECK(has(body, R"("vipAddress":"Chat")"));
    CHECK(has(body, R"("metadata":{"websocketPath":"/chat/ws",)"));
    CHECK(has(body, R"("zone":"a=b"})"));
}

TEST_CASE("a node that listens everywhere has an address of its own, which is not that") {
    std::vector<bound_listener> const listeners{{http, false, {"0.0.0.0", 8080}}};
    auto const self = self_of({}, listeners, "node-1");
    CHECK_FALSE(self.ip_address.empty());
    CHECK(self.ip_address != "0.0.0.0");
    CHECK(self.host_name == self.id.substr(0, self.id.find(':')));
}
