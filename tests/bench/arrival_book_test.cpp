#include "bench/measure/arrival_book.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

using namespace bench;

TEST_CASE("a message is on its way until the last of its readers has it") {
    arrival_book book(3);
    book.add(1);
    book.add(2);
    for (auto const number : {1, 2, 2, 1}) book.on(static_cast<std::uint64_t>(number));
    CHECK(book.open() == 2);
    book.on(2);
    CHECK(book.open() == 1);
    book.on(1);
    CHECK(book.open() == 0);
}

TEST_CASE("deliveries in any order are told apart by their message") {
    constexpr std::uint64_t messages = 200;
    arrival_book book(4);
    std::vector<std::uint64_t> arriving;
    for (std::uint64_t n = 1; n <= messages; ++n) {
        book.add(n);
        arriving.insert(arriving.end(), 4, n);
    }
    std::ranges::shuffle(arriving, std::mt19937(5));
    std::vector<int> seen(messages + 1);
    std::size_t open = messages;
    for (auto const number : arriving) {
        book.on(number);
        if (++seen[number] == 4) --open;
        CHECK(book.open() == open);
    }
}

TEST_CASE("a lost message keeps its place while others come and go") {
    arrival_book book(1);
    book.add(1);
    for (std::uint64_t n = 2; n < 50; ++n) {
        book.add(n);
        book.on(n);
        CHECK(book.open() == 1);
    }
    book.on(1);
    CHECK(book.open() == 0);
}

TEST_CASE("what was given up, was never sent or came already is nobody's") {
    arrival_book book(2);
    book.on(0);
    book.on(1);
    for (std::uint64_t n = 1; n <= 3; ++n) book.add(n);
    book.on(2);
    book.on(2);
    book.on(2);
    CHECK(book.open() == 2);
    book.give_up();
    CHECK(book.open() == 0);
    book.add(4);
    book.on(3);
    book.on(5);
    CHECK(book.open() == 1);
    book.on(4);
    book.on(4);
    CHECK(book.open() == 0);
}

TEST_CASE("without readers nothing is on its way") {
    arrival_book book(0);
    book.add(1);
    CHECK(book.open() == 0);
    book.on(1);
    CHECK(book.open() == 0);
}
