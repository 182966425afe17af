#include "tests/session/node_stub.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

// Gives a session the input as what a client sends. An octet 0x01 and the one behind it are no part
// of that but something that happens at the node: an outcome, a message, time.
//
// Whatever comes in, every frame that goes out must be one that a client can read, in the version
// agreed on, and nothing goes out after the close.

namespace {

using namespace test;

void require(bool condition, char const* what = "") {
    if (condition) return;
    std::fputs(what, stderr);
    std::abort();
}

void check_frame(std::string_view bytes, stomp::version version) {
    auto copy = std::string(bytes);
    auto rest = std::span(copy.data(), copy.size());
    stomp::frame_parser parser;
    stomp::header_scratch scratch;
    parser.set_version(version);
    stomp::limits const wide{100'000, 1'000'000, 10'000'000, 10'000'000};
    auto const outcome = parser.next(rest, scratch, wide);
    auto const* const frame = std::get_if<stomp::frame>(&outcome);
    require(frame != nullptr && rest.empty(), "a frame that goes out cannot be read\n");
    require(stomp::rule_of(frame->command).sent_by == stomp::sender::server,
            "a frame that goes out is a client's\n");
    if (frame->command == stomp::command::message) {
        require(stomp::first_missing_header(*frame, stomp::version::v1_0).empty(),
                "a MESSAGE lacks a header\n");
    }
}

void happen(node_stub& node, unsigned what) {
    auto const last = node.held.empty() ? 0 : node.held.size() - 1;
    switch (what % 10) {
        case 0:
            if (!node.held.empty()) node.app_done(0);
            return;
        case 1:
            if (!node.held.empty()) node.app_done(last);
            return;
        case 2:
            if (!node.held.empty()) node.app_done(last, broker::app_error{"code", "Reason\xFF\n."});
            return;
        case 3: return node.subscribed();
        case 4: return node.subscribed(broker::topic_refusal{"not_a_member", "Reason."});
        case 5: return node.pass(std::chrono::seconds(what));
        case 6:
            return node.publish({.destination = "/topic/open/a",
                                 .id = "p:1",
                                 .headers = {{"a\n", "b:"}},
                                 .body = "x"});
        case 7:
            return node.publish({.destination = "/topic/chatroom/1",
                                 .id = "p",
                                 .seq = 1,
                                 .headers = {},
                                 .body = std::string("\0\xFF", 2)});
        case 8: return node.end_subscription("0", {"access_ended", "Reason."});
        default: return node.request_close(broker::close_reason::server_drain, "x", 5ms);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    node_options options;
    options.limits.max_app_sends_in_flight = 4;
    options.limits.max_pending_acks = 8;
    options.limits.max_delivery_attempts = 3;
    options.limits.max_subscriptions = 4;
    options.limits.max_transactions = 2;
    options.limits.max_transaction_frames = 6;
    options.limits.max_transaction_bytes = 1000;
    node_stub node(options);
    bool closed = false;
    node.on_frame_out = [&](std::string_view frame) {
        require(!closed, "a frame after the close\n");
        check_frame(frame, node.session().version());
    };

    std::string_view input(reinterpret_cast<char const*>(data), size);
    while (!input.empty()) {
        auto const piece = input.substr(0, input.find('\x01'));
        input.remove_prefix(piece.size());
        node.receive_bytes(piece);
        if (input.size() >= 2) happen(node, static_cast<unsigned char>(input[1]));
        input.remove_prefix(std::min<std::size_t>(2, input.size()));
        for (auto const& out : node.take()) {
            require(!closed, "something after the close\n");
            closed = out.starts_with("(close");
        }
        require(closed == node.session().closed(), "closed, and not closed\n");
    }
    return 0;
}
