#include "rabbitmq/event_codec.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

// Reads the input as a body of events between nodes. What is read is written and read again: it
// must be the same, and hold what a message promises.

namespace {

using broker::bus_event;

[[noreturn]] void fail(char const* what) {
    std::fprintf(stderr, "%s\n", what);
    std::abort();
}

std::string written(std::vector<bus_event> const& events) {
    std::string body;
    rabbitmq::begin_events(body);
    for (auto const& event : events) {
        auto const before = body.size();
        rabbitmq::append_event(body, event);
        if (body.size() - before != rabbitmq::encoded_size(event)) fail("another size");
    }
    return body;
}

void check(broker::message const& m) {
    auto const tail = m.tail(stomp::version::v1_2);
    if (tail.empty() || tail.back() != '\0') fail("a tail without an end");
    if (!std::string_view(tail.data(), tail.size() - 1).ends_with(m.body())) fail("another body");
    if (!tail.starts_with("message-id:")) fail("a tail without an id");
    if (m.id().size() > tail.size() || m.destination().size() > tail.size()) fail("too long");
    for (auto const v : {stomp::version::v1_0, stomp::version::v1_1}) {
        if (!m.tail(v).ends_with('\0')) fail("a tail without an end");
    }
}

struct message_checker {
    void operator()(broker::topic_event const& e) const { check(*e.message); }
    void operator()(broker::user_event const& e) const { check(*e.message); }
    void operator()(broker::everybody_event const& e) const { check(*e.message); }
    void operator()(broker::access_ended_event const&) const {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const input(reinterpret_cast<char const*>(data), size);
    auto const first = rabbitmq::decode_events(input);
    if (first.events.empty()) {
        if (!first.fault && first.canaries.empty()) fail("neither events nor a fault");
        return 0;
    }
    for (auto const& event : first.events) std::visit(message_checker{}, event);

    auto const body = written(first.events);
    auto const second = rabbitmq::decode_events(body);
    if (second.fault) fail("what was written cannot be read");
    if (second.events.size() != first.events.size()) fail("another number of events");
    if (written(second.events) != body) fail("written otherwise");
    return 0;
}
