#include "broker/routing/user_destinations.hpp"

#include "tests/routing/recording_link.hpp"

#include <doctest/doctest.h>

using broker::routing::subscription;
using broker::routing::user_destinations;
using tests::test_subscriber;

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
