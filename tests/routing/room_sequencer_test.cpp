#include "broker/routing/room_sequencer.hpp"

#include "tests/routing/recording_link.hpp"

#include <doctest/doctest.h>
#include <algorithm>
#include <numeric>
#include <random>

using broker::message_ptr;
using broker::routing::room_sequencer;
using tests::room_message;

namespace {

std::vector<int> seqs(std::vector<message_ptr> const& messages) {
    std::vector<int> out;
    for (auto const& what : messages) out.push_back(static_cast<int>(what->seq()));
    return out;
}

using list = std::vector<int>;

}  // namespace

TEST_CASE("messages that come before the start are held and given out from there") {
    room_sequencer order;
    std::vector<message_ptr> out;
    for (std::uint64_t const seq : {4, 5, 6}) order.take(room_message(seq), out);
    CHECK(out.empty());
    CHECK_FALSE(order.gap());

    order.start(4, out);

    CHECK(seqs(out) == list{5, 6});
    CHECK_FALSE(order.gap());
}

TEST_CASE(
    "what is old is dropped, what is next goes out, what is ahead is a gap until it is filled") {
    room_sequencer order;
    std::vector<message_ptr> out;
    order.start(10, out);
    order.take(room_message(10), out);
    order.take(room_message(11), out);
    order.take(room_message(13), out);
    CHECK(seqs(out) == list{11});
    CHECK(order.gap());
    order.take(room_message(12), out);
    CHECK(seqs(out) == list{11, 12, 13});
    CHECK_FALSE(order.gap());
    CHECK(order.last() == 13);
}

TEST_CASE("held messages over the bound are let go and stay a gap") {
    room_sequencer order;
    std::vector<message_ptr> out;
    order.start(0, out);
    std::uint64_t const highest = room_sequencer::max_held + 2;
    for (std::uint64_t seq = 2; seq <= highest; ++seq) order.take(room_message(seq), out);
    order.take(room_message(1), out);
    CHECK(order.last() == highest - 1);
    CHECK(order.gap());
    order.take(room_message(highest), out);
    CHECK(order.last() == highest);
    CHECK_FALSE(order.gap());
}

TEST_CASE("any order with repeats comes out once each and ascending") {
    std::mt19937 random(20260101);
    for (int round = 0; round < 50; ++round) {
        std::vector<int> sent(60);
        std::iota(sent.begin(), sent.end(), 1);
        sent.insert(sent.end(), sent.begin(), sent.begin() + 20);
        std::ranges::shuffle(sent, random);
        room_sequencer order;
        std::vector<message_ptr> out;
        order.start(0, out);
        for (int const seq : sent) order.take(room_message(static_cast<std::uint64_t>(seq)), out);
        list expected(60);
        std::iota(expected.begin(), expected.end(), 1);
        CHECK(seqs(out) == expected);
    }
}
