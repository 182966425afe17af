#include "chat/batch_publisher.hpp"

#include "support.hpp"

#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace chat_tests;
using namespace chat;

namespace {

struct counting_executor final : broker::executor {
    void post(broker::unique_function<void()> one) override { work.push_back(std::move(one)); }
    std::vector<broker::unique_function<void()>> work;
};

struct told {
    std::vector<std::string> names;

    finished_write write(std::string name, broker::executor* home, write_outcome outcome) {
        auto const done = [this, name = std::move(name)](write_outcome const& found) {
            names.push_back(name + (found.stored ? " " + found.stored->content : " refused"));
        };
        return {.outcome = std::move(outcome), .waiter = {done, home}};
    }
};

write_outcome stored(std::string content) {
    stored_message message;
    message.room = room_id(1);
    message.content = std::move(content);
    return {.stored = std::move(message)};
}

}  // namespace

TEST_CASE("who waits for writes is told at home, in one piece, in the order of the batch") {
    recording_bus bus;
    batch_publisher publisher(bus);
    counting_executor one;
    counting_executor other;
    told heard;
    std::vector<finished_write> batch;
    batch.push_back(heard.write("a", &one, stored("1")));
    batch.push_back(heard.write("b", &other, stored("2")));
    batch.push_back(heard.write("c", nullptr, stored("3")));
    batch.push_back({.outcome = stored("4"), .waiter = {}});
    batch.push_back(heard.write("d", &one, {.stored = errc::not_a_member}));
    publisher.on_batch(std::move(batch));

    CHECK(bus.take().size() == 4);
    CHECK(heard.names == std::vector<std::string>{"c 3"});
    REQUIRE(one.work.size() == 1);
    REQUIRE(other.work.size() == 1);
    other.work.front()();
    one.work.front()();
    CHECK(heard.names == std::vector<std::string>{"c 3", "b 2", "a 1", "d refused"});
}
