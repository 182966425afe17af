#include "broker/registry/redis/address.hpp"
#include "config/listen_address.hpp"
#include "config/units.hpp"
#include "node/discovery/http_call.hpp"
#include "tests/fuzz/choices.hpp"
#include "tests/fuzz/config.hpp"

#include <stdexcept>
#include <string>

// Single values: what is read is written, and read again as the same; what is refused is not
// repeated where it may hold a password.

namespace fuzz {
namespace {

constexpr std::string_view password = "hunter2-hunter2";

bool is_printable(std::string_view text) {
    return text.find_first_not_of(
               "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
               "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~") == std::string_view::npos;
}

void check_refusal(std::invalid_argument const& why) {
    std::string_view const text = why.what();
    expect(!text.empty(), "a refusal that says nothing");
    expect(text.find(password) == std::string_view::npos, "a password in a refusal");
}

void check_place(broker::redis::address const& one) {
    expect(!one.host.empty() && one.port >= 1 && one.port <= 65'535, "no place");
    auto const place = one.place();
    expect(is_printable(place), "a place that is not fit for a log");
    auto const again = broker::redis::parse_place(place, 1);
    expect(again.host == one.host && again.port == one.port, "a place that reads otherwise");
    expect(place.find(password) == std::string::npos, "a password in a place");
}

void check_redis(std::string_view text) {
    using namespace broker::redis;
    try {
        check_place(parse_place(text, 26'379));
    } catch (std::invalid_argument const& why) {
        check_refusal(why);
    }
    try {
        check_place(parse_url(text));
    } catch (std::invalid_argument const& why) {
        check_refusal(why);
    }
    try {
        auto const one = parse_url("redis://user:" + std::string(password) + "@" +
                                   std::string(text.substr(0, text.find('@'))));
        expect(one.user == "user" && one.password == password, "other credentials");
        expect(one.database >= 0, "no database");
        check_place(one);
    } catch (std::invalid_argument const& why) {
        check_refusal(why);
    }
}

void check_eureka(std::string const& text) {
    for (auto const& url :
         {text, "http://user:" + std::string(password) + "@" + text.substr(0, text.find('@'))}) {
        try {
            auto const one = node::discovery::parse_server(url, "another");
            expect(one.url.starts_with("http://") || one.url.starts_with("https://"),
                   "another scheme");
            expect(!one.url.ends_with('/'), "a slash at its end");
            expect(one.url.find(password) == std::string::npos, "a password in an address");
            auto const again = node::discovery::parse_server(one.url, "another");
            expect(again.url == one.url && again.user.empty(), "an address that reads otherwise");
        } catch (std::invalid_argument const& why) {
            check_refusal(why);
        }
    }
}

template <typename Value, typename Parse>
void check_again(Value const& value, Parse parse, char const* what) {
    auto const again = parse(config::to_string(value));
    expect(again && *again == value, what);
}

}  // namespace

void check_units(std::string_view text) {
    if (auto const value = config::parse_duration(text)) {
        expect(value->count() >= 0, "a duration that goes back");
        check_again(*value, config::parse_duration, "a duration that reads otherwise");
    }
    if (auto const value = config::parse_byte_size(text)) {
        expect(value->bytes() <= 1ULL << 40U, "too large a size");
        check_again(*value, config::parse_byte_size, "a size that reads otherwise");
    }
    if (auto const value = config::parse_frequency(text)) {
        expect(value->per.count() > 0, "a rate of no time");
        check_again(*value, config::parse_frequency, "a rate that reads otherwise");
    }
    if (auto const value = config::parse_listen_address(text)) {
        expect(value->host.find_first_not_of("0123456789abcdefABCDEF.:") == std::string::npos,
               "a host that is no address");
        check_again(*value, config::parse_listen_address, "an address that reads otherwise");
    }
}

void check_server_addresses(std::string_view text) {
    if (text.find("hunter2") != std::string_view::npos) return;
    check_redis(text);
    check_eureka(std::string(text));
}

}  // namespace fuzz
