#include "broker/session/app_error_json.hpp"
#include "broker/session/heart_beat_monitor.hpp"
#include "broker/session/pending_acks.hpp"
#include "broker/session/receipts.hpp"
#include "broker/session/subscription_list.hpp"
#include "broker/session/transactions.hpp"

#include <doctest/doctest.h>

// The small classes that a session is made of.

namespace {

using namespace broker;
using namespace std::chrono_literals;

// ---------------------------------------------------------------------------------- heart-beats

TEST_CASE("a heart-beat is due a little before the interval has passed in silence") {
    steady_time const start{1h};
    heart_beat_monitor m({.incoming_every = 0ms, .outgoing_every = 10s}, {}, {}, start);

    CHECK_FALSE(m.beat_due(start + 8999ms));
    CHECK(m.beat_due(start + 9s));
    m.on_sent(start + 5s);
    CHECK_FALSE(m.beat_due(start + 13s));
    CHECK(m.next_deadline() == start + 14s);
    CHECK_FALSE(m.client_missing(start + 24h));
}

TEST_CASE("a client is missing after twice its interval and the grace") {
    steady_time const start{1h};
    heart_beat_monitor m({.incoming_every = 10s, .outgoing_every = 0ms}, {}, {}, start);

    CHECK(m.patience() == 25s);
    CHECK_FALSE(m.client_missing(start + 24999ms));
    CHECK(m.client_missing(start + 25s));
    m.on_received(start + 20s);
    CHECK_FALSE(m.client_missing(start + 44s));
    CHECK(m.next_deadline() == start + 45s);
    CHECK_FALSE(m.beat_due(start + 24h));
}

TEST_CASE("on a link with pings a background tab that beats once a minute is not missing") {
    steady_time const start{1h};
    heart_beat_monitor m({.incoming_every = 10s, .outgoing_every = 0ms}, {}, {.pings = true},
                         start);

    CHECK(m.patience() > 120s);  // one of its beats may be lost
    heart_beat_monitor slow({.incoming_every = 10min, .outgoing_every = 0ms}, {}, {.pings = true},
                            start);
    CHECK(slow.patience() == 20min + 5s);
}

TEST_CASE("without heart-beats there is no deadline") {
    heart_beat_monitor const none;
    CHECK(none.next_deadline() == steady_time::max());
    CHECK_FALSE(none.beat_due(steady_time{24h}));
    CHECK_FALSE(none.client_missing(steady_time{24h}));
    heart_beat_monitor const zero({}, {}, {.pings = true}, steady_time{1h});
    CHECK(zero.next_deadline() == steady_time::max());
}

// ------------------------------------------------------------------------------------- receipts

app_ticket ticket(std::uint64_t n) {
    return static_cast<app_ticket>(n);
}

std::vector<std::string> ready(receipts& r) {
    std::vector<std::string> out;
    while (auto owed = r.take_ready()) {
        if (owed->wants_receipt) out.emplace_back(owed->note.receipt().value());
    }
    return out;
}

TEST_CASE("a receipt that is ready early waits for those before it") {
    receipts r;
    CHECK(r.idle());
    r.begin(ticket(1), app_send_note("a", "/app/x", std::nullopt), commit_number::none);
    r.begin(ticket(2), app_send_note("b", "/app/x", std::nullopt), commit_number::none);
    r.add_done("c");
    r.begin(ticket(3), {}, commit_number::none);
    r.add_done("d");
    CHECK(r.size() == 5);

    r.find(ticket(2))->done = true;
    CHECK(ready(r).empty());
    r.find(ticket(1))->done = true;
    CHECK(ready(r) == std::vector<std::string>{"a", "b", "c"});
    CHECK(r.size() == 2);
    CHECK(r.find(ticket(1)) == nullptr);
    r.find(ticket(3))->done = true;
    CHECK(ready(r) == std::vector<std::string>{"d"});
    CHECK(r.idle());
}

TEST_CASE("frames that are done are no app sends") {
    receipts r;
    r.begin(ticket(1), {}, commit_number::none);
    r.add_done("x");
    CHECK(r.find(app_ticket{}) == nullptr);
}

TEST_CASE("the queue of receipts does not grow with the frames that went through it") {
    receipts r;
    std::uint64_t next = 0;
    for (int i = 0; i < 10; ++i) r.begin(ticket(++next), {}, commit_number::none);
    std::uint64_t done = 0;
    for (int i = 0; i < 10'000; ++i) {
        r.begin(ticket(++next), {}, commit_number::none);
        r.find(ticket(++done))->done = true;
        CHECK(r.take_ready().has_value());
        CHECK(r.size() == 10);
    }
}

TEST_CASE("a COMMIT's receipt can be withheld") {
    receipts r;
    auto const commit = static_cast<commit_number>(3);
    r.begin(ticket(1), app_send_note("c", "/app/x", std::nullopt), commit);
    CHECK_FALSE(r.withhold(commit));  // its end has not been added yet
    r.add_done("c", commit);
    r.add_done("d");
    CHECK(r.withhold(commit));
    r.find(ticket(1))->done = true;
    CHECK(ready(r) == std::vector<std::string>{"d"});
}

TEST_CASE("a note keeps its three texts apart") {
    app_send_note const all("r", "/app/x", "key");
    CHECK(all.receipt() == "r");
    CHECK(all.destination() == "/app/x");
    CHECK(all.idempotency_key() == "key");
    app_send_note const some(std::nullopt, "/app/x", "");
    CHECK_FALSE(some.receipt());
    CHECK(some.idempotency_key() == "");
    CHECK(some.destination() == "/app/x");
    app_send_note const empty_receipt("", "/app/x", std::nullopt);
    CHECK(empty_receipt.receipt() == "");
    CHECK_FALSE(empty_receipt.idempotency_key());
    CHECK_FALSE(app_send_note().receipt());
    CHECK(app_send_note().destination().empty());
}

// --------------------------------------------------------------------------------- pending acks

subscription_handle sub(std::uint32_t n) {
    return static_cast<subscription_handle>(n);
}

message_ptr a_message(std::string id = "m") {
    return std::make_shared<message const>(
        message_fields{.destination = "/topic/a", .id = std::move(id), .headers = {}, .body = ""});
}

std::vector<std::uint64_t> numbers(std::vector<pending_ack> const& settled) {
    std::vector<std::uint64_t> out;
    for (auto const& s : settled) {
        CHECK(s.message != nullptr);
        out.push_back(s.number);
    }
    return out;
}

using number_list = std::vector<std::uint64_t>;

TEST_CASE("a client-mode ACK settles the older deliveries of its own subscription") {
    pending_acks acks;
    acks.add(sub(1), true, a_message());
    acks.add(sub(2), true, a_message());
    acks.add(sub(1), true, a_message());
    acks.add(sub(1), true, a_message());

    CHECK(numbers(acks.settle({sub(1), 3})) == number_list{1, 3});
    CHECK(acks.size() == 2);
    CHECK(numbers(acks.settle({sub(1), 4})) == number_list{4});
    CHECK(numbers(acks.settle({sub(2), 2})) == number_list{2});
    CHECK(acks.size() == 0);
}

TEST_CASE("a client-individual ACK settles one delivery, once, of its own subscription") {
    pending_acks acks;
    for (int i = 0; i < 3; ++i) acks.add(sub(1), false, a_message());

    CHECK(numbers(acks.settle({sub(1), 2})) == number_list{2});
    CHECK(acks.settle({sub(1), 2}).empty());
    CHECK(acks.settle({sub(2), 3}).empty());
    CHECK(acks.settle({sub(1), 99}).empty());
    CHECK(acks.settle({sub(1), 0}).empty());
    CHECK(numbers(acks.settle({subscription_handle::none, 3})) == number_list{3});
    CHECK(acks.size() == 1);
    CHECK(acks.issued(3));
    CHECK_FALSE(acks.issued(4));
    CHECK_FALSE(acks.issued(0));
}

TEST_CASE("deliveries are found by message id, the oldest first") {
    pending_acks acks;
    acks.add(sub(1), false, a_message("x"));
    acks.add(sub(2), false, a_message("x"));
    acks.add(sub(2), false, a_message("y"));

    CHECK(acks.find(sub(2), "x") == 2);
    CHECK(acks.find(subscription_handle::none, "x") == 1);
    CHECK(acks.find(sub(1), "y") == std::nullopt);
    acks.settle({sub(1), 1});
    CHECK(acks.find(subscription_handle::none, "x") == 2);
}

TEST_CASE("a subscription's deliveries are dropped with it") {
    pending_acks acks;
    for (std::uint32_t i = 0; i < 1000; ++i) acks.add(sub(1 + i % 2), false, a_message());
    acks.drop(sub(1));
    CHECK(acks.size() == 500);
    CHECK(acks.settle({sub(1), 501}).empty());
    CHECK(numbers(acks.settle({sub(2), 500})) == number_list{500});
    acks.drop(sub(2));
    CHECK(acks.size() == 0);
    CHECK(acks.add(sub(1), false, a_message()) == 1001);
}

TEST_CASE("deliveries settled in any order leave nothing behind") {
    pending_acks acks;
    for (int i = 0; i < 500; ++i) acks.add(sub(1), false, a_message());
    std::uint64_t next = 0;
    for (int i = 0; i < 500; ++i) {
        next = (next + 177) % 500;  // 177 and 500 have no common factor: each once
        CHECK(acks.settle({sub(1), next + 1}).size() == 1);
    }
    CHECK(acks.size() == 0);
}

TEST_CASE("an ack tag is read as it is written, and nothing else is") {
    auto const tag = parse_ack_tag(to_string(ack_tag{sub(7), 12345678901234}));
    REQUIRE(tag);
    CHECK(tag->subscription == sub(7));
    CHECK(tag->number == 12345678901234);
    for (auto const* text : {"", ".", "1", "1.", ".1", "undefined", "1.2.3", "-1.2", "1.-2", "1. 2",
                             "4294967296.1", "1.18446744073709551616", "0x1.2"}) {
        CHECK_FALSE_MESSAGE(parse_ack_tag(text), text);
    }
}

// --------------------------------------------------------------------------------- transactions

stomp::frame a_send(std::span<stomp::header_view const> headers, std::string_view body) {
    return {.command = stomp::command::send, .headers = headers, .body = body};
}

TEST_CASE("a kept frame outlives the one it was made of") {
    std::string name = "destination";
    std::string value = "/topic/a";
    std::string body = "hello";
    std::vector<kept_frame> kept;
    {
        stomp::header_view const headers[] = {{name, value}, {"empty", ""}};
        kept.emplace_back(a_send(headers, body));
    }
    name.assign(name.size(), '-');
    value.assign(value.size(), '-');
    body.assign(body.size(), '-');
    for (int i = 0; i < 5; ++i) kept.emplace_back(a_send({}, ""));  // moves the first

    auto const& frame = kept.front().frame();
    CHECK(frame.command == stomp::command::send);
    CHECK(frame.find("destination") == "/topic/a");
    CHECK(frame.find("empty") == "");
    CHECK(frame.body == "hello");
}

TEST_CASE("a transaction is open from BEGIN to COMMIT or ABORT, and its name free again then") {
    transactions t;
    session_limits const limits;
    CHECK(t.keep("a", a_send({}, ""), limits) == transaction_errc::not_open);
    CHECK_FALSE(t.take("a"));
    CHECK_FALSE(t.begin("a", limits));
    CHECK(t.begin("a", limits) == transaction_errc::already_open);
    CHECK_FALSE(t.begin("", limits));
    CHECK_FALSE(t.keep("a", a_send({}, "1"), limits));
    CHECK_FALSE(t.keep("a", a_send({}, "2"), limits));

    auto const frames = t.take("a");
    REQUIRE(frames);
    REQUIRE(frames->size() == 2);
    CHECK((*frames)[0].frame().body == "1");
    CHECK((*frames)[1].frame().body == "2");
    CHECK_FALSE(t.begin("a", limits));
    CHECK(t.take("a")->empty());
}

TEST_CASE("transactions are bounded in number, frames, bytes and the length of the name") {
    session_limits limits;
    limits.max_transactions = 2;
    limits.max_transaction_frames = 3;
    limits.max_transaction_bytes = 1000;
    limits.max_id_bytes = 4;
    transactions t;
    CHECK_FALSE(t.begin("a", limits));
    CHECK_FALSE(t.begin("b", limits));
    CHECK(t.begin("c", limits) == transaction_errc::too_many);
    CHECK(t.begin("abcde", limits) == transaction_errc::name_too_long);

    for (int i = 0; i < 3; ++i) CHECK_FALSE(t.keep("a", a_send({}, "x"), limits));
    CHECK(t.keep("a", a_send({}, "x"), limits) == transaction_errc::too_many_frames);

    CHECK_FALSE(t.keep("b", a_send({}, std::string(999, 'x')), limits));
    CHECK_FALSE(t.keep("b", a_send({}, "x"), limits));
    CHECK(t.keep("b", a_send({}, "x"), limits) == transaction_errc::too_many_bytes);
}

TEST_CASE("many headers without text count towards a transaction's bytes") {
    session_limits limits;
    limits.max_transaction_bytes = 1000;
    std::vector<stomp::header_view> const headers(100, {"a", ""});
    transactions t;
    CHECK_FALSE(t.begin("a", limits));
    CHECK(t.keep("a", a_send(headers, ""), limits) == transaction_errc::too_many_bytes);
}

// -------------------------------------------------------------------------------- subscriptions

TEST_CASE("subscriptions are found by handle, id and destination") {
    subscription_list list;
    auto const add = [&](std::uint32_t n, std::optional<std::string_view> id,
                         std::string_view destination) {
        list.add(subscription(sub(n), id, destination, {}, subscription_source::topic,
                              stomp::ack_mode::automatic));
    };
    add(1, "a", "/topic/x");
    add(2, std::nullopt, "/topic/x");
    add(3, "", "/topic/y");

    CHECK(list.find(sub(2))->destination() == "/topic/x");
    CHECK(list.find(sub(9)) == nullptr);
    CHECK(list.find_by_id("a")->handle() == sub(1));
    CHECK(list.find_by_id("")->handle() == sub(3));
    CHECK(list.find_by_id("b") == nullptr);
    CHECK(list.find_by_destination("/topic/x")->handle() == sub(2));
    CHECK(list.find_by_destination("/topic/y")->handle() == sub(3));
    CHECK(list.find_by_destination("/topic/z") == nullptr);

    auto const taken = list.take(sub(1));
    CHECK(taken.id() == "a");
    CHECK(list.size() == 2);
    CHECK(list.find_by_id("a") == nullptr);
}

TEST_CASE("a user's queue is the end of its subscription's destination") {
    subscription_list list;
    auto& made =
        list.add(subscription(sub(1), "e", "/user/alice/queue/errors", "/queue/errors",
                              subscription_source::user_queue, stomp::ack_mode::automatic));
    CHECK(made.queue() == "/queue/errors");
    CHECK(list.find_user_queue("/queue/errors") == &made);
    CHECK(list.find_user_queue("/queue/messages") == nullptr);
    made.set_state(subscription_state::ended);
    CHECK(list.find_user_queue("/queue/errors") == nullptr);
}

// ----------------------------------------------------------------------------------- error JSON

TEST_CASE("an error report is one JSON object, with what there is") {
    CHECK(to_json({.code = "c",
                   .reason = "r",
                   .destination = "/app/x",
                   .receipt = "1",
                   .idempotency_key = "k"}) ==
          R"({"code":"c","reason":"r","destination":"/app/x","receipt":"1","idempotencyKey":"k"})");
    CHECK(to_json({.code = "c",
                   .reason = "r",
                   .destination = {},
                   .receipt = std::nullopt,
                   .idempotency_key = std::nullopt}) == R"({"code":"c","reason":"r"})");
}

TEST_CASE("an error report stays JSON and UTF-8 whatever its texts hold") {
    auto const reason = [](std::string_view text) {
        auto const json = to_json({.code = {},
                                   .reason = text,
                                   .destination = {},
                                   .receipt = std::nullopt,
                                   .idempotency_key = std::nullopt});
        constexpr std::string_view before = R"({"code":"","reason":")";
        return json.substr(before.size(), json.size() - before.size() - 2);
    };
    using namespace std::string_view_literals;
    CHECK(reason("\"\\/") == "\\\"\\\\/");
    CHECK(reason("a\nb\tc\0d\x1F\x7F"sv) == "a\\u000ab\\u0009c\\u0000d\\u001f\\u007f");
    CHECK(reason("안녕 😀") == "안녕 😀");
    CHECK(reason("a\xFF\xC3") == "a??");
}

}  // namespace
