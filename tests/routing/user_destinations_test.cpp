#include "broker/routing/user_destinations.hpp"

#include "tests/routing/recording_link.hpp"

#include <doctest/doctest.h>
#include <set>

using broker::routing::subscription;
using broker::routing::user_destinations;
using tests::test_subscriber;

TEST_CASE("what is said to everybody reaches each session that has the queue, and no other queue") {
    user_destinations queues;
    test_subscriber phone, laptop, other_user, other_queue, longer_queue;
    queues.add("42", "/queue/notifications", phone.subscription);
    queues.add("42", "/queue/notifications", laptop.subscription);
    queues.add("7", "/queue/notifications", other_user.subscription);
    queues.add("7", "/queue/messages", other_queue.subscription);
    queues.add("8", "/my/queue/notifications", longer_queue.subscription);

    std::set<subscription*> reached;
    queues.for_everybody("/queue/notifications",
                         [&](subscription& who) { CHECK(reached.insert(&who).second); });

    CHECK(reached == std::set<subscription*>{&phone.subscription, &laptop.subscription,
                                             &other_user.subscription});
}

TEST_CASE(
    "an anonymous session's queue is reached by what is said to everybody, and by nothing else") {
    user_destinations queues;
    test_subscriber anonymous;
    queues.add("", "/queue/notifications", anonymous.subscription);

    std::vector<subscription*> reached;
    auto const remember = [&](subscription& who) { reached.push_back(&who); };
    queues.for_each("", "/queue/notifications", remember);
    CHECK(reached.empty());

    queues.for_everybody("/queue/notifications", remember);
    CHECK(reached == std::vector<subscription*>{&anonymous.subscription});
}

TEST_CASE("a user's queue reaches every session of that user and nobody else") {
    user_destinations queues;
    test_subscriber phone, laptop, stranger, other_queue;
    queues.add("42", "/queue/messages", phone.subscription);
    queues.add("42", "/queue/messages", laptop.subscription);
    queues.add("4", "/queue/messages", stranger.subscription);
    queues.add("42", "/queue/errors", other_queue.subscription);

    std::vector<subscription*> reached;
    queues.for_each("42", "/queue/messages", [&](subscription& who) { reached.push_back(&who); });
    CHECK(reached == std::vector<subscription*>{&phone.subscription, &laptop.subscription});

    queues.remove(phone.subscription);
    queues.remove(laptop.subscription);
    CHECK(queues.size() == 2);
    reached.clear();
    queues.for_each("42", "/queue/messages", [&](subscription& who) { reached.push_back(&who); });
    CHECK(reached.empty());
}
