#include "chat/outside/back_end_events.hpp"
#include "chat/outside/outbox_relay.hpp"
#include "tests/chat/support.hpp"

#include <chrono>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>

// What the program says to the world and takes from it, for the test that holds it to the schemas.
//
//   events emit     makes one event of each kind happen on a real store, and prints what the relay
//                   publishes: routing key, id, type and body, between tabs
//   events accept   reads a routing key and a body, between them a tab, from each line; prints "ok"
//                   and what a session gets, or "bad" and the reason

namespace {

using namespace chat;
using namespace chat_tests;

class printing_world final : public broker::outside {
public:
    void publish(std::vector<broker::outside_event> events,
                 broker::unique_function<void(bool)> done) override {
        {
            std::lock_guard guard(mutex_);
            for (auto const& event : events) {
                std::cout << event.routing_key << '\t' << event.id << '\t' << event.type << '\t'
                          << event.body << '\n';
            }
            printed_ += events.size();
            changed_.notify_all();
        }
        done(true);
    }
    void wait(std::size_t count) {
        std::unique_lock guard(mutex_);
        if (!changed_.wait_for(guard, std::chrono::seconds(30), [&] { return printed_ >= count; }))
            throw std::runtime_error("the relay did not publish everything");
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t printed_ = 0;
};

void expect(bool holds) {
    if (!holds) throw std::runtime_error("the chat refused what was asked of it");
}

void emit() {
    printing_world world;
    chat_options options;
    outbox_relay* relay = nullptr;
    options.on_stored = [&relay] { relay->wake(); };
    chat_node node(options, true, true);
    outbox_relay running(node.open_outbox(), world);
    relay = &running;

    node.with_unit([](unit_of_work& unit) {
        unit.remember_user(user_id(1), "ann");
        unit.remember_user(user_id(2), "bob \"the builder\"\n");
        unit.create_room({.name = "Öffentlich", .study = {}, .metadata = {}}).value();
    });
    expect(node.app("/app/chat.join", R"({"chatRoomId":1,"senderId":1,"content":"hi"})") == "ok");
    expect(node.app("/app/chat.sendMessage",
                    R"({"chatRoomId":1,"senderId":1,"content":"\"안녕\" \\ \n \u0001 👋"})") ==
           "ok");
    expect(node.rest("POST", "/api/chat/rooms/member", R"({"chatRoomId":1,"memberId":2})").status ==
           201);
    expect(node.app("/app/chat.leave", R"({"chatRoomId":1,"senderId":2})") == "ok");
    expect(node.app("/app/chat.send", R"({"to":2,"message":"psst","senderId":1})") == "ok");
    world.wait(6);
}

class local_node final : public broker::event_sink {
public:
    void on_events(std::vector<broker::bus_event>) override {}
};

void accept() {
    recording_bus bus;
    local_node node;
    back_end_events events(bus, node);
    for (std::string line; std::getline(std::cin, line);) {
        auto const tab = line.find('\t');
        auto const body = std::string_view(line).substr(tab + 1);
        auto const verdict = events.accept(line.substr(0, tab), body, false);
        if (verdict.is == broker::inbound_verdict::kind::ok) {
            std::cout << "ok\t" << bus.take().at(0) << '\n';
        } else {
            std::cout << "bad\t" << verdict.reason << '\n';
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    std::string_view const what = argc == 2 ? argv[1] : "";
    try {
        if (what == "emit") {
            emit();
        } else if (what == "accept") {
            accept();
        } else {
            std::cerr << "usage: events emit|accept\n";
            return 2;
        }
    } catch (std::exception const& error) {
        std::cerr << "events: " << error.what() << '\n';
        return 1;
    }
    return 0;
}
