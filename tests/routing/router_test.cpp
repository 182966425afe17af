#include "broker/routing/router.hpp"

#include "tests/routing/recording_link.hpp"

#include <doctest/doctest.h>

using namespace broker;
using tests::test_subscriber;

namespace {

class no_rooms final : public sequenced_topics {
public:
    bool owns(std::string_view) const override { return false; }
    std::string_view room_of(std::string_view) const override { return {}; }
    void open(std::string, principal_ptr, executor&, unique_function<void(open_outcome)>) override {
    }
    void read_after(std::string, std::uint64_t, std::size_t, executor&,
                    unique_function<void(history_outcome)>) override {}
    void last_seqs(std::vector<std::string>, executor&,
                   unique_function<void(last_seqs_outcome)>) override {}
};

class no_inbox final : public user_inbox {
public:
    std::string_view queue() const override { return "/queue/messages"; }
    std::uint64_t order_of(message const&) const override { return 0; }
    void undelivered(std::string, std::uint64_t, std::size_t, executor&,
                     unique_function<void(inbox_outcome)>) override {}
    void owed_to(std::vector<std::string>, executor&,
                 unique_function<void(owed_users_outcome)>) override {}
    void delivered(std::string_view, message const&) override {}
};

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
