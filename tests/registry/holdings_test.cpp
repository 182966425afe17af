#include "broker/registry/redis/holdings.hpp"

#include <doctest/doctest.h>
#include <algorithm>
#include <map>
#include <random>

namespace tests {

namespace {

using broker::redis::holdings;

std::vector<std::string> texts(std::vector<holdings::operation> const& all) {
    std::vector<std::string> out;
    for (auto const& one : all) out.push_back((one.hold ? "+" : "-") + one.key());
    return out;
}

using text_list = std::vector<std::string>;

struct counter {
    int done = 0;
    broker::unique_function<void()> one() {
        return [this] { ++done; };
    }
};

}  // namespace

TEST_CASE("a key is written once, and who waits is told when it is") {
    holdings held;
    counter told;
    held.enter("a", told.one());
    held.enter("a", told.one());
    auto const batch = held.take(10);
    CHECK(texts(batch) == text_list{"+a"});
    held.enter("a", told.one());
    CHECK(told.done == 0);
    held.confirm(batch);
    CHECK(told.done == 3);
    held.enter("a", told.one());
    CHECK(told.done == 4);
    CHECK(held.take(10).empty());
}

TEST_CASE("a key is taken out by the last that leaves") {
    holdings held;
    held.enter("a", {});
    held.enter("a", {});
    held.confirm(held.take(10));
    held.leave("a");
    CHECK(held.take(10).empty());
    held.leave("a");
    auto const out = held.take(10);
    CHECK(texts(out) == text_list{"-a"});
    held.confirm(out);
    CHECK(held.size() == 0);
    held.leave("a");
    CHECK(held.size() == 0);
}

TEST_CASE("who enters while the key is being taken out waits until it is back") {
    holdings held;
    counter told;
    held.enter("a", {});
    held.confirm(held.take(10));
    held.leave("a");
    auto const out = held.take(10);
    held.enter("a", told.one());
    CHECK(held.take(10).empty());
    held.confirm(out);
    CHECK(told.done == 0);
    held.confirm(held.take(10));
    CHECK(told.done == 1);
}

TEST_CASE("who enters and leaves before anything is written is told, and nothing is written") {
    holdings held;
    counter told;
    held.enter("a", told.one());
    held.leave("a");
    CHECK(held.take(10).empty());
    CHECK(told.done == 1);
    CHECK(held.size() == 0);

    held.enter("b", told.one());
    held.leave("b");
    held.forget_written();
    CHECK(told.done == 2);
    CHECK(held.size() == 0);
}

TEST_CASE("what comes and goes while nothing can be written leaves nothing behind") {
    holdings held;
    counter told;
    held.enter("first", {});
    held.enter("a", told.one());
    held.enter("last", {});
    held.leave("a");
    CHECK(told.done == 1);
    CHECK(held.size() == 2);
    held.hold("session", false);
    held.let_go("session");
    CHECK(held.size() == 2);
    CHECK(texts(held.take(10)) == text_list{"+first", "+last"});
}

TEST_CASE("after everything was forgotten everything is written again, once") {
    holdings held;
    counter told;
    held.enter("a", {});
    held.confirm(held.take(10));
    held.enter("b", told.one());
    auto const lost = held.take(10);
    held.enter("c", {});
    CHECK(held.rewritten());
    held.forget_written();
    CHECK_FALSE(held.rewritten());
    auto again = held.take(10);
    auto names = texts(again);
    std::ranges::sort(names);
    CHECK(names == text_list{"+a", "+b", "+c"});
    for (auto const& one : again) CHECK(one.again == (one.key() == "a"));
    held.enter("d", {});
    held.confirm(again);
    CHECK(told.done == 1);
    CHECK(held.rewritten());  // what came later does not matter
}

TEST_CASE("what was under way when everything was forgotten may be there, and was never told") {
    holdings held;
    held.enter("a", {});
    CHECK_FALSE(held.take(10).at(0).unsure);
    held.forget_written();
    auto const repeated = held.take(10);
    CHECK(repeated.at(0).unsure);
    CHECK_FALSE(repeated.at(0).again);
    held.confirm(repeated);
    held.forget_written();
    auto const known = held.take(10);
    CHECK_FALSE(known.at(0).unsure);
    CHECK(known.at(0).again);
}

TEST_CASE("whatever happens in between, what is written in the end is what is held") {
    std::minstd_rand random{7};
    holdings held;
    std::map<std::string, int> wanted;
    std::map<std::string, bool> store;
    std::vector<std::vector<holdings::operation>> under_way;
    int entered = 0;
    counter told;
    auto const finish = [&] {
        for (auto const& one : under_way.front()) store[one.key()] = one.hold;
        held.confirm(under_way.front());
        under_way.erase(under_way.begin());
    };
    for (int step = 0; step != 20'000; ++step) {
        std::string const key(1, static_cast<char>('a' + random() % 8));
        switch (random() % 8) {
            case 0:
            case 1:
                ++wanted[key];
                ++entered;
                held.enter(key, told.one());
                break;
            case 2:
            case 3:
                if (wanted[key] > 0) {
                    --wanted[key];
                    held.leave(key);
                }
                break;
            case 4:
            case 5:
                if (under_way.size() < 2) under_way.push_back(held.take(1 + random() % 4));
                break;
            case 6:
                if (!under_way.empty()) finish();
                break;
            default:
                if (random() % 50 != 0) break;
                under_way.clear();
                store.clear();
                held.forget_written();
        }
    }
    while (held.has_work() || !under_way.empty()) {
        if (held.has_work()) under_way.push_back(held.take(100));
        finish();
    }
    for (auto const& [key, count] : wanted) CHECK(store[key] == (count > 0));
    CHECK(told.done == entered);
    CHECK(held.rewritten());
}

TEST_CASE("those who wait for keys of one kind are told alone") {
    holdings held;
    int plain = 0;
    int special = 0;
    held.enter("a", [&] { ++plain; });
    held.enter("@a", [&] { ++special; });
    held.release_waiting("@");
    CHECK(plain == 0);
    CHECK(special == 1);
    held.release_waiting();
    CHECK(plain == 1);
    CHECK(special == 1);
}

TEST_CASE("what was there and was left when everything is forgotten is named") {
    holdings held;
    for (char const* each : {"a", "b", "c"}) held.enter(each, {});
    held.confirm(held.take(10));
    held.enter("never written", {});
    for (char const* each : {"a", "b", "never written"}) held.leave(each);
    std::vector<std::string> left;
    for (auto const& [key, unsure] : held.forget_written()) {
        left.push_back(key);
        CHECK_FALSE(unsure);
    }
    std::ranges::sort(left);
    CHECK(left == text_list{"a", "b"});
    CHECK(held.forget_written().empty());
}

TEST_CASE("what was being taken out when everything is forgotten is perhaps out") {
    holdings held;
    held.enter("a", {});
    held.confirm(held.take(10));
    held.leave("a");
    CHECK(texts(held.take(10)) == text_list{"-a"});
    using left_keys = std::vector<holdings::left_key>;
    CHECK(held.forget_written() == left_keys{{.key = "a", .unsure = true}});
    CHECK(held.forget_written().empty());
}

}  // namespace tests
