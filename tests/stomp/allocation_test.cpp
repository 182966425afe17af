#include "stomp/frame_writer.hpp"
#include "support.hpp"

#include <doctest/doctest.h>
#include <cstdlib>
#include <new>

// That the hot path allocates nothing: this program counts its allocations.

namespace {

std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
    ++allocations;
    if (auto* const memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}

void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace stomp::test {

TEST_CASE("reading whole frames allocates nothing once the scratch is warm") {
    auto const bytes = "SEND\ndestination:/topic/a\na:b\nc:\\n\ncontent-length:5\n\nhello\0\n"s;
    auto copy = bytes;
    frame_parser parser;
    parser.set_version(version::v1_2);
    header_scratch scratch;
    auto const read_once = [&] {
        std::ranges::copy(bytes, copy.begin());
        auto input = std::span<char>(copy);
        while (!std::holds_alternative<need_more>(parser.next(input, scratch, {}))) {
        }
    };
    read_once();

    auto const before = allocations;
    for (int i = 0; i < 100; ++i) read_once();
    CHECK(allocations == before);
}

TEST_CASE("a frame in two pieces takes three allocations at most") {
    frame_parser parser;
    parser.set_version(version::v1_2);
    header_scratch scratch;
    auto const read_once = [&] {
        auto first = "SEND\na:1\nb:2\nc:3\ncontent-length:10\n\nhello"s;
        auto second = "hello\0"s;
        auto const before = allocations;
        auto input = std::span<char>(first);
        CHECK(std::holds_alternative<need_more>(parser.next(input, scratch, {})));
        input = second;
        CHECK(std::holds_alternative<frame>(parser.next(input, scratch, {})));
        return allocations - before;
    };
    read_once();
    CHECK(read_once() <= 3);  // the partial frame, its bytes, and their one growth
}

TEST_CASE("writing into a string with room allocates nothing") {
    std::string out;
    out.reserve(1024);
    auto const before = allocations;
    write_frame(out, version::v1_2, command::message, {{"destination", "/topic/a"}, {"x", "y:z"}},
                "hello");
    CHECK(allocations == before);
}

}  // namespace stomp::test
