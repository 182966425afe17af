#include "rabbitmq/ack_ledger.hpp"
#include "rabbitmq/backoff.hpp"
#include "rabbitmq/confirm_ledger.hpp"

#include <doctest/doctest.h>
#include <chrono>
#include <string>
#include <vector>

using namespace rabbitmq;
using namespace std::chrono_literals;

namespace {

using texts = std::vector<std::string>;

texts settled(confirm_ledger<std::string>& ledger, std::uint64_t tag, bool multiple) {
    texts all;
    ledger.settle(tag, multiple, [&all](std::string entry) { all.push_back(std::move(entry)); });
    return all;
}

// "3*" is an ack of all up to 3.
texts flushed(ack_ledger& ledger) {
    texts all;
    ledger.flush([&all](std::uint64_t tag, bool multiple) {
        all.push_back(std::to_string(tag) + (multiple ? "*" : ""));
    });
    return all;
}

ack_ledger with_deliveries(int count) {
    ack_ledger ledger;
    for (int i = 0; i != count; ++i) ledger.add();
    return ledger;
}

}  // namespace

TEST_CASE("a confirm settles one publish, or all up to it, each once") {
    confirm_ledger<std::string> ledger;
    for (auto const* entry : {"a", "b", "c", "d"}) ledger.add(entry);

    CHECK(settled(ledger, 3, false) == texts{"c"});
    CHECK(ledger.size() == 3);
    CHECK(settled(ledger, 3, true) == texts{"a", "b"});
    CHECK(settled(ledger, 3, true).empty());
    CHECK(settled(ledger, 9, true).empty());
    CHECK(settled(ledger, 4, true) == texts{"d"});
    CHECK(ledger.size() == 0);
    ledger.add("e");
    CHECK(settled(ledger, 5, false) == texts{"e"});
}

TEST_CASE("a lost channel settles everything, and its successor counts from one") {
    confirm_ledger<std::string> ledger;
    for (auto const* entry : {"a", "b", "c"}) ledger.add(entry);
    settled(ledger, 2, false);

    texts lost;
    ledger.take_all([&lost](std::string entry) { lost.push_back(std::move(entry)); });

    CHECK(lost == texts{"a", "c"});
    CHECK(ledger.size() == 0);
    ledger.add("d");
    CHECK(settled(ledger, 1, false) == texts{"d"});
}

TEST_CASE("deliveries done one after the other are told in one ack") {
    auto ledger = with_deliveries(3);
    ledger.done(1);
    ledger.done(2);
    CHECK(ledger.untold() == 2);
    CHECK(flushed(ledger) == texts{"2*"});
    CHECK(flushed(ledger).empty());
    ledger.done(3);
    CHECK(flushed(ledger) == texts{"3*"});
}

TEST_CASE("a delivery that waits does not hold up the acks behind it, and none is told twice") {
    auto ledger = with_deliveries(4);
    for (std::uint64_t const tag : {1, 3, 4}) ledger.done(tag);
    CHECK(flushed(ledger) == texts{"1*", "3", "4"});
    ledger.done(3);
    CHECK(flushed(ledger).empty());
    ledger.done(2);
    CHECK(flushed(ledger) == texts{"2*"});
    ledger.done(9);
    CHECK(flushed(ledger).empty());
}

TEST_CASE("pauses grow to a bound, with jitter, and begin anew") {
    backoff pauses(100ms, 1'000ms);
    for (auto const longest : {100ms, 200ms, 400ms, 800ms, 1'000ms, 1'000ms}) {
        auto const pause = pauses.next();
        CHECK(pause >= longest / 2);
        CHECK(pause <= longest);
    }
    pauses.reset();
    CHECK(pauses.next() <= 100ms);
}
