#include "broker/session/passed_headers.hpp"
#include "broker/trace_context.hpp"

#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace broker;

namespace {

constexpr std::string_view good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

std::string with(std::size_t at, std::string_view what) {
    std::string text(good);
    text.replace(at, what.size(), what);
    return text;
}

// What passes of these headers, one word for each.
std::string passing(std::vector<stomp::header_view> const& headers) {
    stomp::frame frame;
    frame.headers = headers;
    auto const passes = filter_for(frame);
    std::string names;
    for (auto const& each : headers) {
        if (passes(each.name)) names.append(names.empty() ? "" : " ").append(each.name);
    }
    return names;
}

}  // namespace

TEST_CASE("a traceparent is read into its parts") {
    auto const read = parse_traceparent(good);
    REQUIRE(read);
    CHECK(read->trace_id == "0af7651916cd43dd8448eb211c80319c");
    CHECK(read->parent_id == "b7ad6b7169203331");
    CHECK(read->sampled);
    CHECK_FALSE(parse_traceparent(with(53, "00"))->sampled);
    CHECK(parse_traceparent(with(53, "ff"))->sampled);
}

TEST_CASE("a traceparent that is not valid is none") {
    CHECK_FALSE(parse_traceparent(""));
    CHECK_FALSE(parse_traceparent(good.substr(0, 54)));
    CHECK_FALSE(parse_traceparent(std::string(good) + "-"));  // of version 00
    CHECK_FALSE(parse_traceparent(std::string(good) + "-what"));
    CHECK_FALSE(parse_traceparent(with(0, "ff")));
    CHECK_FALSE(parse_traceparent(with(0, "0x")));
    CHECK_FALSE(parse_traceparent(with(2, "_")));
    CHECK_FALSE(parse_traceparent(with(35, "_")));
    CHECK_FALSE(parse_traceparent(with(52, "_")));
    CHECK_FALSE(parse_traceparent(with(3, "A")));  // upper case
    CHECK_FALSE(parse_traceparent(with(3, std::string(32, '0'))));
    CHECK_FALSE(parse_traceparent(with(36, std::string(16, '0'))));
    CHECK_FALSE(parse_traceparent(with(53, "0g")));
    CHECK_FALSE(parse_traceparent(" " + std::string(good)));
}

TEST_CASE("of a newer version what is known is read") {
    auto const newer = with(0, "cc");
    CHECK(parse_traceparent(newer));
    CHECK(parse_traceparent(newer + "-what the future brings"));
    CHECK_FALSE(parse_traceparent(newer + "."));
    CHECK(make_trace(newer + "-more", "")->parent == good);
}

TEST_CASE("a tracestate is a list of keys with values") {
    for (auto const* const text :
         {"a=1", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "a=1 , b=2\t,\tc=3", "a=1,,b=2",
          "tenant@system=x", "0a/b*c-d_e=!~", "a= x"}) {
        CAPTURE(text);
        CHECK(is_tracestate(text));
    }
    for (auto const* const text : {"", " ", ",", "a", "a=", "=1", "A=1", "a=1,a=2", "a=b=c", "a =1",
                                   "a=1\nb=2", "a=\x80", "-a=1"}) {
        CAPTURE(text);
        CHECK_FALSE(is_tracestate(text));
    }
    CHECK(is_tracestate("a=" + std::string(256, 'x')));
    CHECK_FALSE(is_tracestate("a=" + std::string(257, 'x')));
    std::string members = "k0=v";
    for (int i = 1; i != 32; ++i) members += ",k" + std::to_string(i) + "=v";
    CHECK(is_tracestate(members));
    CHECK_FALSE(is_tracestate(members + ",k32=v"));
    CHECK_FALSE(is_tracestate("a=" + std::string(255, 'x') + ",b=" + std::string(256, 'x')));
}

TEST_CASE("a frame without a valid traceparent has no trace") {
    std::vector<stomp::header_view> headers{{"tracestate", "a=1"}, {"traceparent", good}};
    stomp::frame frame;
    frame.headers = headers;
    REQUIRE(trace_of(frame));
    CHECK(trace_of(frame)->parent == good);
    CHECK(trace_of(frame)->state == "a=1");
    CHECK(trace_of(frame)->trace_id() == "0af7651916cd43dd8448eb211c80319c");
    headers[0].value = "A";
    CHECK(trace_of(frame)->state.empty());
    headers[1].value = "00-0";
    CHECK_FALSE(trace_of(frame));
    headers.pop_back();
    frame.headers = headers;
    CHECK_FALSE(trace_of(frame));
}

TEST_CASE("subscribers see the headers of a trace only when they are valid") {
    CHECK(passing({{"a", "1"}, {"receipt", "r"}}) == "a");
    CHECK(passing({{"a", "1"}, {"traceparent", good}}) == "a traceparent");
    CHECK(passing({{"traceparent", good}, {"tracestate", "a=1"}}) == "traceparent tracestate");
    CHECK(passing({{"traceparent", good}, {"tracestate", "A"}, {"a", ""}}) == "traceparent a");
    CHECK(passing({{"traceparent", "x"}, {"tracestate", "a=1"}, {"a", ""}}) == "a");
    CHECK(passing({{"tracestate", "a=1"}, {"a", ""}}) == "a");
    CHECK(passing({{"traceparent", "x"}, {"authorization", "x"}}).empty());
}
