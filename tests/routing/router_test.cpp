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
