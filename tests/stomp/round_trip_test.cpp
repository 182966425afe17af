#include "stomp/frame_writer.hpp"
#include "support.hpp"

#include <doctest/doctest.h>
#include <random>

// Random frames, written and read again in random pieces.

namespace stomp::test {
namespace {

class generator {
public:
    explicit generator(unsigned seed) : random_(seed) {}

    std::size_t below(std::size_t bound) {
        return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
    }

    // Text of what is dear to escaping, and now and then of more than one block of it.
    std::string text(version v, bool name) {
        auto const size = below(4) == 0 ? below(80) : below(12);
        std::string result;
        while (result.size() < size) {
            static constexpr std::string_view pieces[] = {
                "a",
                "b",
                "-",
                "\\",
                ":",
                "\n",
                "\r",
                "\\n",
                "\xc3\xa9",
                "content",
                "\xf0\x9f\x90\x83",
            };
            result += pieces[below(std::size(pieces))];
        }
        if (v == version::v1_0) {
            std::erase(result, '\n');
            if (name) std::erase(result, ':');
        }
        return result;
    }

    std::string body() {
        std::string result(below(3) == 0 ? below(5000) : below(40), 'x');
        for (auto& c : result) c = static_cast<char>(below(256));
        return result;
    }

private:
    std::mt19937 random_;
};

}  // namespace

TEST_CASE("what is written is read again, by every version and in any pieces") {
    constexpr command commands[] = {command::send,      command::message, command::error,
                                    command::subscribe, command::receipt, command::ack};
    for (auto v : {version::v1_0, version::v1_1, version::v1_2}) {
        for (unsigned seed = 0; seed < 300; ++seed) {
            CAPTURE(seed);
            generator random(seed);
            std::string bytes;
            transcript expected;
            for (auto frames = 1 + random.below(4); frames != 0; --frames) {
                auto const c = commands[random.below(std::size(commands))];
                std::vector<std::pair<std::string, std::string>> texts;
                for (auto n = random.below(8); n != 0; --n) {
                    texts.emplace_back('h' + random.text(v, true) + 'h', random.text(v, false));
                }
                std::vector<header_view> headers;
                for (auto const& [name, value] : texts) headers.push_back({name, value});
                auto const body = rule_of(c).may_have_body ? random.body() : std::string();
                write_frame(bytes, v, c, headers, body);

                auto const length = std::to_string(body.size());
                if (!body.empty()) headers.push_back({"content-length", length});
                expected.push_back(show({c, !body.empty(), headers, body}));
                if (random.below(2) == 0) {
                    bytes += '\n';
                    expected.push_back("~");
                }
            }

            CHECK(read(bytes, v) == expected);
            CHECK(read_byte_by_byte(bytes, v) == expected);
            for (int i = 0; i < 4; ++i) {
                reader pieces(v), messages(v);
                for (std::size_t at = 0; at < bytes.size();) {
                    auto const piece = std::string_view(bytes).substr(at, 1 + random.below(200));
                    pieces.feed(piece);
                    messages.feed(piece).end_message();
                    at += piece.size();
                }
                CHECK(pieces.seen() == expected);
                CHECK(messages.seen() == expected);
            }
        }
    }
}

TEST_CASE("every split of a set of frames gives the same") {
    struct row {
        std::string_view bytes;
        std::optional<version> v;
    };
    for (
        auto const& r : {
            row{"\nSEND\r\nab:cd\r\nlonger-header-name:a longer value\r\n\r\nbody\0\r\nSEND\n\n\0"sv,
                version::v1_2},
            row{"SEND\na\\cb:c\\\\\\r\\n\ncontent-length:3\n\n\0\0\0\0\nACK\nid:1\n\n\0"sv,
                version::v1_2},
            row{"SEND\ndestination:/a\n\nb\0SUBSCRIBE\nid:1\n\nx\0"sv, version::v1_1},
            row{"SEND\nx: y \ncontent-length: 2\n\nab\0SUBSCRIBE\n\nbody\0"sv, version::v1_0},
            row{"CONNECT\naccept-version:1.2\nx:\\q\n\n\0\nSEND\nx:\\q\n\n\0"sv, std::nullopt},
            row{"SEND\ncontent-length:1\n\nab\0"sv, version::v1_2},
            row{"SEND\nno colon\n\n\0"sv, version::v1_2},
            row{"SEND\nx:\xff\n\n\0"sv, version::v1_2},
            row{"SEND\n\n\0\rSEND"sv, version::v1_2},
        }) {
        CAPTURE(r.bytes);
        auto const expected = read(r.bytes, r.v);
        REQUIRE_FALSE(expected.empty());
        CHECK(read_byte_by_byte(r.bytes, r.v) == expected);
        for (std::size_t i = 0; i <= r.bytes.size(); ++i) {
            for (std::size_t j = i; j <= r.bytes.size(); ++j) {
                reader pieces(r.v);
                pieces.feed(r.bytes.substr(0, i));
                pieces.feed(r.bytes.substr(i, j - i));
                pieces.feed(r.bytes.substr(j));
                REQUIRE(pieces.seen() == expected);
            }
        }
    }
}

}  // namespace stomp::test
