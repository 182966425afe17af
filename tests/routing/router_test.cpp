#include "broker/routing/router.hpp"

#include "tests/routing/recording_link.hpp"
#include "tests/support/no_rooms.hpp"

#include <doctest/doctest.h>

using namespace broker;
using tests::no_inbox;
using tests::no_rooms;
using tests::test_subscriber;

namespace {

class no_work final : public executor {
public:
    void post(unique_function<void()>) override {}
};

}  // namespace

TEST_CASE("the router brings an event for everybody to that queue of each user") {
    no_rooms rooms;
    no_inbox inbox;
    no_work home;
    routing::router router(rooms, inbox, home);
    test_subscriber ann, bob, topic;
    router.subscribe_user_queue("ann", "/queue/notifications", ann.subscription);
    router.subscribe_user_queue("bob", "/queue/notifications", bob.subscription);
    router.subscribe_topic("/queue/notifications", topic.subscription);

    router.deliver(everybody_event{
        "/queue/notifications",
        std::make_shared<message const>(message_fields{
            .destination = "/user/queue/notifications", .id = "1", .headers = {}, .body = "hi"})});

    CHECK(ann.link.frames.size() == 1);
    CHECK(ann.link.frames == bob.link.frames);
    CHECK(topic.link.frames.empty());

    router.unsubscribe(routing::source::user_queue, ann.subscription);
    router.unsubscribe(routing::source::user_queue, bob.subscription);
    router.unsubscribe(routing::source::topic, topic.subscription);
}

TEST_CASE("a sweep that is asked for while one is under way follows it") {
    // Keeps what it was asked, for the test to answer.
    struct : no_rooms {
        bool owns(std::string_view) const override { return true; }
        void open(std::string, principal_ptr, executor&,
                  unique_function<void(open_outcome)> done) override {
            done(std::uint64_t{0});
        }
        void last_seqs(std::vector<std::string>, executor&,
                       unique_function<void(last_seqs_outcome)> done) override {
            asked.push_back(std::move(done));
        }
        std::vector<unique_function<void(last_seqs_outcome)>> asked;
    } rooms;
    struct : no_inbox {
        void owed_to(std::vector<std::string>, executor&,
                     unique_function<void(owed_users_outcome)> done) override {
            asked.push_back(std::move(done));
        }
        std::vector<unique_function<void(owed_users_outcome)>> asked;
    } inbox;
    no_work home;
    routing::router router(rooms, inbox, home);
    test_subscriber ann, room;
    router.subscribe_user_queue("ann", "/queue/messages", ann.subscription);
    router.subscribe_room("/topic/room/1", room.subscription, nullptr, std::nullopt,
                          [](std::optional<topic_refusal> const&) {});

    router.sweep();
    router.sweep_inboxes();
    router.sweep_now();
    router.sweep_now();
    router.on_tick();
    CHECK(rooms.asked.size() == 1);
    CHECK(inbox.asked.size() == 1);

    rooms.asked[0](std::vector<std::uint64_t>{0});
    router.on_tick();
    CHECK(rooms.asked.size() == 2);
    CHECK(inbox.asked.size() == 1);

    inbox.asked[0](std::vector<std::string>{});
    rooms.asked[1](std::vector<std::uint64_t>{0});
    router.on_tick();
    router.on_tick();
    CHECK(rooms.asked.size() == 2);
    CHECK(inbox.asked.size() == 2);

    router.unsubscribe(routing::source::user_queue, ann.subscription);
    router.unsubscribe(routing::source::room, room.subscription);
}
