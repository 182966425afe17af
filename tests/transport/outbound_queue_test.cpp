#include "broker/transport/outbound_queue.hpp"
#include "broker/transport/websocket_frame.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

using namespace broker::transport;

namespace {

payload_ref bytes(std::string text) {
    return make_payload(std::move(text));
}

payload_ref droppable(std::string text) {
    auto* const made = new payload(std::move(text));
    made->droppable = true;
    return payload_ref(made);
}

struct fixture {
    outbound_pool pool;
    outbound_queue queue;
    std::vector<char> scratch = std::vector<char>(128 * 1024);
    outbound_batch batch;

    // The bytes that one write would take.
    std::string gathered() {
        queue.gather(scratch, batch);
        std::string all;
        for (auto const& piece : batch.span()) {
            all.append(static_cast<char const*>(piece.iov_base), piece.iov_len);
        }
        CHECK(all.size() == batch.bytes);
        return all;
    }

    // Everything, in writes that each take `step` bytes.
    std::string drained(std::size_t step) {
        std::string all;
        while (!queue.empty()) {
            auto const now = gathered().substr(0, step);
            all += now;
            queue.consume(pool, now.size());
        }
        return all;
    }
};

std::string frame(std::string const& payload, unsigned first = 0x81) {
    std::string result(10, '\0');
    result.resize(
        write_websocket_header(result.data(), static_cast<std::uint8_t>(first), payload.size()));
    return result + payload;
}

}  // namespace

TEST_CASE("an entry is its header, its head and its tail, side by side in one piece") {
    fixture f;
    CHECK(f.queue.empty());
    CHECK(f.queue.bytes() == 0);
    f.queue.push(f.pool, {bytes("head "), bytes("tail"), outbound_kind::text});
    f.queue.push(f.pool, {bytes("only head"), {}, outbound_kind::binary});
    f.queue.push(f.pool, {{}, bytes("only tail"), outbound_kind::text});
    f.queue.push(f.pool, {{}, {}, outbound_kind::ping});
    f.queue.push(f.pool, {bytes("raw"), {}, outbound_kind::raw});
    f.queue.push(f.pool, {{}, {}, outbound_kind::raw});

    auto const expected = frame("head tail") + frame("only head", 0x82) + frame("only tail") +
                          frame("", 0x89) + "raw";
    CHECK(f.gathered() == expected);
    CHECK(f.batch.count == 1);
    CHECK(f.queue.bytes() == expected.size());
    f.queue.consume(f.pool, expected.size());
    CHECK(f.queue.empty());
    CHECK(f.queue.bytes() == 0);
}

TEST_CASE("frame headers have the shortest length and the right flags") {
    for (auto const size : {0u, 125u, 126u, 65535u, 65536u, 200000u}) {
        fixture f;
        auto const payload = std::string(size, 'x');
        f.queue.push(f.pool, {bytes(payload), {}, outbound_kind::text});
        CHECK(f.gathered() == frame(payload));
    }
    fixture f;
    f.queue.push(f.pool, {bytes("a"), {}, outbound_kind::compressed_text});
    f.queue.push(f.pool, {bytes("b"), {}, outbound_kind::compressed_binary});
    f.queue.push(f.pool, {bytes("c"), {}, outbound_kind::close});
    f.queue.push(f.pool, {bytes("d"), {}, outbound_kind::pong});
    CHECK(f.gathered() ==
          frame("a", 0xC1) + frame("b", 0xC2) + frame("c", 0x88) + frame("d", 0x8A));
}

TEST_CASE("a long part is sent from where it is") {
    fixture f;
    auto const tail = bytes(std::string(outbound_queue::copy_limit + 1, 't'));
    f.queue.push(f.pool, {bytes("head"), tail, outbound_kind::text});
    f.queue.push(f.pool, {bytes("next"), {}, outbound_kind::text});
    f.gathered();
    REQUIRE(f.batch.count == 3);
    CHECK(f.batch.pieces[1].iov_base == static_cast<void const*>(tail->bytes().data()));
    CHECK(f.drained(1 << 20) == frame("head" + std::string(tail->bytes())) + frame("next"));
}

TEST_CASE("partial writes of any size give the same bytes") {
    std::mt19937 random(7);
    for (std::size_t const step : {1u, 2u, 3u, 7u, 100u, 1000u, 16384u, 70000u}) {
        fixture f;
        std::string expected;
        std::size_t const entries = step < 10 ? 40 : 400;
        for (std::size_t i = 0; i < entries; ++i) {
            auto const head = std::string(random() % 100, static_cast<char>('a' + i % 26));
            auto const long_tail = step >= 100 && random() % 20 == 0;
            auto const tail = std::string(random() % (long_tail ? 50000 : 200), 'T');
            auto const raw = random() % 3 == 0;
            f.queue.push(
                f.pool, {bytes(head), bytes(tail), raw ? outbound_kind::raw : outbound_kind::text});
            expected += raw ? head + tail : frame(head + tail);
        }
        CHECK(f.queue.bytes() == expected.size());
        CHECK(f.drained(step) == expected);
        CHECK(f.queue.empty());
    }
}

TEST_CASE("one write takes a bounded part of a long queue") {
    fixture f;
    for (int i = 0; i < 200; ++i) {
        f.queue.push(f.pool, {bytes("h"), bytes(std::string(20000, 'x')), outbound_kind::text});
    }
    f.gathered();
    CHECK(f.batch.count <= outbound_batch::max_pieces);
    CHECK(f.batch.bytes <= outbound_queue::batch_bytes + 20020);
    CHECK(f.drained(1 << 20).size() == 200 * 20005);
}

TEST_CASE("droppable entries go first, oldest first, and no more of them than needed") {
    fixture f;
    f.queue.push(f.pool, {bytes("keep-1"), {}, outbound_kind::text});
    f.queue.push(f.pool, {bytes("h"), droppable("drop-1"), outbound_kind::text});
    f.queue.push(f.pool, {bytes("keep-2"), {}, outbound_kind::text});
    f.queue.push(f.pool, {droppable("drop-2"), {}, outbound_kind::text});
    auto const all = f.queue.bytes();
    CHECK(f.queue.drop_down_to(f.pool, all) == 0);
    CHECK(f.queue.drop_down_to(f.pool, all - 1) == 1);
    CHECK(f.gathered() == frame("keep-1") + frame("keep-2") + frame("drop-2"));
    CHECK(f.queue.drop_down_to(f.pool, 3) == 1);
    CHECK(f.gathered() == frame("keep-1") + frame("keep-2"));
    CHECK(f.queue.bytes() == 16);
    CHECK(f.queue.drop_down_to(f.pool, 3) == 0);
}

TEST_CASE("an entry that has been begun is not dropped, nor one inside a begun TLS record") {
    fixture f;
    f.queue.push(f.pool, {droppable("first"), {}, outbound_kind::text});
    f.queue.push(f.pool, {droppable("second"), {}, outbound_kind::text});
    f.queue.push(f.pool, {droppable("third"), {}, outbound_kind::text});
    f.queue.consume(f.pool, 3,
                    5);  // 3 bytes of the first are out; 5 more, into the second, must stay
    CHECK(f.queue.drop_down_to(f.pool, 0) == 1);
    CHECK(f.gathered() == "irst" + frame("second"));
    f.queue.consume(f.pool, 5);  // inside the second now
    CHECK(f.queue.drop_down_to(f.pool, 0) == 0);
    CHECK(f.gathered() == frame("second").substr(1));
}

TEST_CASE("a queue of droppable entries only can become empty") {
    fixture f;
    f.queue.push(f.pool, {droppable("x"), {}, outbound_kind::text});
    CHECK(f.queue.drop_down_to(f.pool, 0) == 1);
    CHECK(f.queue.empty());
}

TEST_CASE("nothing is kept of what has been sent") {
    struct counted {
        explicit counted(int& alive) : alive_(alive) { ++alive_; }
        ~counted() { --alive_; }
        int& alive_;
    };
    int alive = 0;
    fixture f;
    for (int i = 0; i < 100; ++i) {
        auto owner = std::make_shared<counted>(alive);
        f.queue.push(f.pool, {payload_ref(new payload(std::string_view("12345"), std::move(owner))),
                              {},
                              outbound_kind::raw});
    }
    CHECK(alive == 100);
    f.queue.consume(f.pool, 5 * 90 + 2);
    CHECK(alive == 10);
    f.queue.consume(f.pool, 5 * 10 - 2);
    CHECK(alive == 0);
    CHECK(f.queue.empty());
}
