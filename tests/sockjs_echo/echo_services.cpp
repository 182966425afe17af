#include "tests/sockjs_echo/echo_services.hpp"

#include <charconv>
#include <cmath>
#include <span>
#include <string_view>
#include <utility>

namespace sockjs_echo {
namespace {

namespace transport = broker::transport;
namespace sockjs = broker::transport::sockjs;

constexpr std::size_t mebibyte = 1024 * 1024;
constexpr std::size_t echo_streaming_limit = 4096;

class application : public sockjs::handler {
public:
    void on_open(sockjs::connection& connection) override { connection_ = &connection; }
    void on_message(std::span<char>, transport::frame_kind) override {}
    void on_close(std::uint16_t, std::string_view) override { connection_ = nullptr; }

protected:
    sockjs::connection& connection() { return *connection_; }

private:
    sockjs::connection* connection_ = nullptr;
};

class echo final : public application {
    void on_message(std::span<char> message, transport::frame_kind kind) override {
        connection().send({}, transport::make_payload({message.begin(), message.end()}), kind);
    }
};

class close_at_once final : public application {
    void on_open(sockjs::connection& connection) override { connection.close(3000, "Go away!"); }
};

// Answers the message n with 2^n bytes, and anything that is no n between 0 and 19 with 2.
class amplify final : public application {
    void on_message(std::span<char> message, transport::frame_kind) override {
        auto const size = std::size_t{1} << exponent({message.data(), message.size()});
        connection().send({}, transport::make_payload(std::string(size, 'x')),
                          transport::frame_kind::text);
    }

    static unsigned exponent(std::string_view text) {
        double number = 0;
        auto const* end = text.data() + text.size();
        auto const parsed = std::from_chars(text.data(), end, number);
        if (parsed.ec != std::errc{} || parsed.ptr != end) return 1;
        number = std::floor(number);
        return number > 0 && number < 19 ? static_cast<unsigned>(number) : 1;
    }
};

template <typename Application>
std::unique_ptr<sockjs::service> make_service(transport::http_routes& routes,
                                              sockjs::service_options options) {
    auto service = std::make_unique<sockjs::service>(
        std::move(options), [](transport::http_request const&, broker::executor&) {
            return std::make_unique<Application>();
        });
    service->add_to(routes);
    return service;
}

sockjs::service_options options_of(settings const& wanted, std::string prefix) {
    sockjs::service_options options;
    options.prefix = std::move(prefix);
    options.protocol = wanted.protocol;
    options.sockjs_url = wanted.sockjs_url;
    options.heart_beat = wanted.heart_beat;
    options.disconnect_delay = wanted.disconnect_delay;
    return options;
}

}  // namespace

std::vector<std::unique_ptr<sockjs::service>> add_services(transport::http_routes& routes,
                                                           settings const& wanted) {
    auto echoing = options_of(wanted, "/echo");
    echoing.streaming_limit = echo_streaming_limit;
    echoing.max_message_bytes = 16 * mebibyte;
    echoing.max_payload_bytes = 32 * mebibyte;
    echoing.outbound_bytes = 128 * mebibyte;
    echoing.permessage_deflate = true;

    auto without_websocket = options_of(wanted, "/disabled_websocket_echo");
    without_websocket.websocket = false;

    auto with_cookie = options_of(wanted, "/cookie_needed_echo");
    with_cookie.jsessionid = true;

    std::vector<std::unique_ptr<sockjs::service>> services;
    services.push_back(make_service<echo>(routes, std::move(echoing)));
    services.push_back(make_service<echo>(routes, std::move(without_websocket)));
    services.push_back(make_service<echo>(routes, std::move(with_cookie)));
    services.push_back(make_service<close_at_once>(routes, options_of(wanted, "/close")));
    services.push_back(make_service<amplify>(routes, options_of(wanted, "/amplify")));
    return services;
}

}  // namespace sockjs_echo
