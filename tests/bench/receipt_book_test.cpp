#include "bench/measure/receipt_book.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>
#include <vector>

using namespace bench;

namespace {

receipt_book::time_point at(std::uint64_t number) {
    return receipt_book::time_point(std::chrono::milliseconds(number));
}

}  // namespace

TEST_CASE("receipts in any order tell when their message was due, each once") {
    receipt_book book;
    std::vector<std::uint64_t> numbers;
    for (std::uint64_t n = 1; n <= 200; ++n) {
        book.add(n, at(n));
        numbers.push_back(n);
    }
    CHECK(book.open() == 200);
    std::ranges::shuffle(numbers, std::mt19937(5));
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        CHECK(book.on(numbers[i]) == at(numbers[i]));
        CHECK_FALSE(book.on(numbers[i]));
        CHECK(book.open() == 199 - i);
    }
}

TEST_CASE("a receipt that nobody waits for is told") {
    receipt_book book;
    CHECK_FALSE(book.on(0));
    CHECK_FALSE(book.on(1));
    book.add(7, at(7));
    CHECK_FALSE(book.on(6));
    CHECK_FALSE(book.on(8));
    CHECK(book.on(7) == at(7));
    CHECK_FALSE(book.on(7));
}

TEST_CASE("a missing receipt keeps its place while others come and go") {
    receipt_book book;
    book.add(1, at(1));
    for (std::uint64_t n = 2; n < 50; ++n) {
        book.add(n, at(n));
        CHECK(book.on(n) == at(n));
        CHECK(book.open() == 1);
    }
    CHECK(book.on(1) == at(1));
    CHECK(book.open() == 0);
    book.add(50, at(50));
    CHECK(book.on(50) == at(50));
}
