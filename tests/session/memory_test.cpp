#include "tests/session/node_stub.hpp"

#include <doctest/doctest.h>
#include <malloc.h>
#include <cstdlib>
#include <new>

// What a session allocates. This program counts every call of operator new.

namespace {

std::size_t allocations = 0;
std::size_t live_bytes = 0;

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
    auto* const memory = std::malloc(size);
    if (memory == nullptr) throw std::bad_alloc();
    ++allocations;
    live_bytes += malloc_usable_size(memory);
    return memory;
}

[[gnu::noinline]] void operator delete(void* memory) noexcept {
    if (memory == nullptr) return;
    live_bytes -= malloc_usable_size(memory);
    std::free(memory);
}

[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
    operator delete(memory);
}

namespace {

using namespace test;

TEST_CASE("an idle session with a subscription takes less than 600 bytes") {
    node_stub const node;  // lends its rules
    broker::session_limits const limits;
    stub_rules const rules;
    stub_topics const topics;
    broker::session_environment const environment{limits, rules, topics};
    auto const caller = make_principal("alice");
    broker::actions out;
    stomp::header_view const connect[] = {{"accept-version", "1.2"}, {"heart-beat", "10000,10000"}};
    stomp::header_view const subscribe[] = {{"id", "sub-0"}, {"destination", "/topic/open/12345"}};
    auto const before = live_bytes;

    auto session = std::make_unique<broker::session>(
        environment, broker::session_start{"n1-s12345", {}, caller, node.now(), node.wall_now()});
    session->on_frame({.command = stomp::command::connect, .headers = connect}, node.now(), out);
    out.clear();
    session->on_frame({.command = stomp::command::subscribe, .headers = subscribe}, node.now(),
                      out);
    auto const handle = std::get<broker::action::open_subscription>(out[0]).opened->handle();
    out.clear();
    session->on_subscribe_done(handle, std::nullopt, out);

    // The list of actions has grown, too; it is the shard's.
    auto const list = out.capacity_bytes();
    auto const taken = live_bytes - before - list;
    MESSAGE("sizeof(session) ", sizeof(broker::session), ", with its heap ", taken, " bytes");
    CHECK(taken < 600);
}

TEST_CASE("a SEND costs the allocations of its message, an app send one") {
    node_stub node;
    node.connect();
    broker::actions out;
    auto& session = node.session();
    auto const body = std::string(200, 'x');
    stomp::header_view const topic[] = {{"destination", "/topic/open/12345678901234567890"},
                                        {"content-type", "text/plain"}};
    stomp::frame const publish{.command = stomp::command::send, .headers = topic, .body = body};
    stomp::header_view const app[] = {{"destination", "/app/chat.sendMessage.to.a.room"}};
    stomp::frame const app_send{.command = stomp::command::send, .headers = app, .body = body};
    session.on_frame(publish, node.now(), out);
    out.clear();

    auto before = allocations;
    session.on_frame(publish, node.now(), out);
    CHECK(allocations - before == 2);  // the message, its tail
    out.clear();

    before = allocations;
    session.on_frame(app_send, node.now(), out);
    auto const sent = std::get<broker::action::app_send>(out[0]);
    session.on_app_done(sent.ticket, {}, node.now(), out);
    session.on_app_flow(sent, broker::app_flow::pipelined, out);
    CHECK(allocations - before == 1);  // its place among the receipts
    out.clear();
}

}  // namespace
