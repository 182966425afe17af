#include "tests/chat/support.hpp"

#include <doctest/doctest.h>
#include <optional>

using namespace chat_tests;

namespace {

std::vector<broker::message_ptr> owed(chat_node& node, std::string user) {
    std::optional<broker::inbox_outcome> answer;
    node.module().inbox().undelivered(
        std::move(user), 0, 100, node.shard,
        [&answer](broker::inbox_outcome outcome) { answer = std::move(outcome); });
    REQUIRE(node.shard.run_until([&] { return answer.has_value(); }));
    return std::get<broker::inbox_page>(*answer).messages;
}

void write_three(chat_node& node) {
    node.with_unit([](chat::unit_of_work& unit) { unit.remember_user(chat::user_id{8}, "bob"); });
    for (auto const* text : {"one", "two", "three"}) {
        auto const body = R"({"to":8,"message":")" + std::string(text) + R"("})";
        REQUIRE(node.app("/app/chat.send", body, verified(7)) == "ok");
    }
    node.bus.take();
}

}  // namespace

TEST_CASE("what was delivered is left out at once, for its receiver only") {
    chat_node node;
    write_three(node);
    auto const all = owed(node, "8");
    REQUIRE(all.size() == 3);
    CHECK(owed(node, "7").empty());
    CHECK(owed(node, "nobody's number").empty());

    auto& inbox = node.module().inbox();
    inbox.delivered("7", *all[0]);  // the sender's own device
    CHECK(owed(node, "8").size() == 3);
    inbox.delivered("8", *all[0]);
    inbox.delivered("8", *all[1]);
    auto const left = owed(node, "8");
    REQUIRE(left.size() == 1);
    CHECK(left[0]->id() == all[2]->id());
}

TEST_CASE("a message that the bus lost is published again when later ones were delivered") {
    chat_node node;
    write_three(node);
    auto const all = owed(node, "8");
    REQUIRE(all.size() == 3);
    node.module().inbox().delivered("8", *all[0]);
    node.module().inbox().delivered("8", *all[2]);

    REQUIRE(node.bus.wait_for_event());
    auto const published = node.bus.take();
    REQUIRE(published.size() == 1);
    CHECK(published[0].starts_with("user 8 /queue/messages"));
    CHECK(published[0].find("\"two\"") != std::string::npos);
}

TEST_CASE("who is owed something is known without what was delivered here a moment ago") {
    chat_node node;
    write_three(node);
    auto& inbox = node.module().inbox();
    auto const owed_of = [&](std::vector<std::string> users) {
        std::optional<broker::owed_users_outcome> answer;
        inbox.owed_to(std::move(users), node.shard, [&answer](broker::owed_users_outcome outcome) {
            answer = std::move(outcome);
        });
        REQUIRE(node.shard.run_until([&] { return answer.has_value(); }));
        return std::get<std::vector<std::string>>(*answer);
    };
    using names = std::vector<std::string>;
    CHECK(owed_of({"nobody's number"}).empty());
    CHECK(owed_of({"7", "8", "nobody's number"}) == names{"8"});
    for (auto const& each : owed(node, "8")) inbox.delivered("8", *each);
    CHECK(owed_of({"7", "8"}).empty());
}
