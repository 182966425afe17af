#include "tests/fuzz/redis_server.hpp"

#include "broker/registry/redis/scripts.hpp"

#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <sys/socket.h>
#include <unistd.h>
#include <array>
#include <cstdint>

namespace fuzz {
namespace {

using broker::redis::script;

// Texts of the protocol, among them those of this node ("a"), of others, and of none.
constexpr std::array<std::string_view, 16> words{"g.1.r",
                                                 "g.2.r",
                                                 "",
                                                 "a.0000000000000001",
                                                 "b.0000000000000002",
                                                 "c.0000000000000003",
                                                 "b.0000000000000002 c.0000000000000003",
                                                 "0000000000000002 10.0.0.2:9080",
                                                 "b",
                                                 "c",
                                                 "0000000000000002",
                                                 "0000000000000003 ",
                                                 "s1 websocket 1700000000",
                                                 "s2 tcp -9999999999999999999",
                                                 ". ..  .",
                                                 "7"};

std::string text(std::string_view value) {
    return "$" + std::to_string(value.size()) + "\r\n" + std::string(value) + "\r\n";
}

std::string number(std::int64_t value) {
    return ":" + std::to_string(value) + "\r\n";
}

std::string list(std::vector<std::string> const& items) {
    std::string out = "*" + std::to_string(items.size()) + "\r\n";
    for (auto const& item : items) out += item;
    return out;
}

std::string some_text(choices& choose) {
    auto const which = choose.next();
    if (which < 200) return text(words.at(which % words.size()));
    return text(choose.take(which - 200U));
}

std::string some_number(choices& choose) {
    static constexpr std::array<std::int64_t, 8> numbers{0,  1,      2,         3,
                                                         -1, 60'000, INT64_MAX, INT64_MIN};
    return number(numbers.at(choose.next() % numbers.size()));
}

// So that an outcome may be the usual one more often than not.
std::string yes(choices& choose) {
    return number(choose.next() % 8 == 7 ? 0 : 1);
}

std::string generation(choices& choose) {
    return text(choose.next() % 8 == 7 ? words[1] : words[0]);
}

void add_texts(std::vector<std::string>& to, std::size_t count, choices& choose) {
    for (std::size_t i = 0; i != count; ++i) to.push_back(some_text(choose));
}

std::string ticked(choices& choose) {
    std::vector<std::string> parts{generation(choose), number(1'000'000), yes(choose),
                                   choose.next() % 4 == 3 ? some_text(choose) : text("")};
    // Two other nodes: at work, lost, or still writing.
    for (std::size_t node = choose.next() % 3; node != 0; --node) {
        auto const how = choose.next() % 8;
        parts.push_back(text(words[7 + node]));
        parts.push_back(how == 7 ? text("") : text(words[6 + node]));
        parts.push_back(text(node == 1 ? words[10] : words[11]));
        parts.push_back(how == 6 ? text("-") : text(words[0]));
    }
    return list(parts);
}

std::string counted(choices& choose, std::size_t count) {
    std::vector<std::string> parts{generation(choose)};
    for (std::size_t i = 0; i != count; ++i) parts.push_back(some_number(choose));
    return list(parts);
}

std::string scripted(choices& choose, script which, std::size_t arguments) {
    std::vector<std::string> parts;
    switch (which) {
        case script::join:
            return list({generation(choose), yes(choose), some_text(choose), yes(choose)});
        case script::tick: return ticked(choose);
        case script::confirm:
        case script::write:
        case script::goodbye:
        case script::canary: return yes(choose);
        case script::attend: {
            for (std::size_t i = 3; i + 1 < arguments; i += 2) parts.push_back(yes(choose));
            return list(parts);
        }
        case script::gone: {
            for (std::size_t i = 0; i + 1 < arguments; i += 2) parts.push_back(yes(choose));
            return list(parts);
        }
        case script::claim:
        case script::owner: return list({some_text(choose), some_text(choose)});
        case script::find: {
            parts = {generation(choose), some_number(choose)};
            add_texts(parts, choose.next() % 4 * 2, choose);
            return list(parts);
        }
        case script::count: return counted(choose, arguments - 1);
        case script::sweep: {
            parts = {number(choose.next() % 4 == 3 ? 1 : 0)};
            add_texts(parts, choose.next() % 4 * 2, choose);
            return list(parts);
        }
    }
    return number(0);
}

std::string some_tree(choices& choose, int depth) {
    switch (choose.next() % 8) {
        case 0: return "$-1\r\n";
        case 1: return "*-1\r\n";
        case 2: return some_number(choose);
        case 3: return "+OK\r\n";
        case 4: return "-READONLY no\r\n";
        case 5: return some_text(choose);
        default: break;
    }
    std::vector<std::string> parts;
    for (auto left = choose.next() % 12; left != 0; --left) {
        parts.push_back(depth == 0 ? some_text(choose) : some_tree(choose, depth - 1));
    }
    return list(parts);
}

}  // namespace

redis_server::redis_server() : reader_(redisReaderCreate()) {
    std::array<int, 2> ends{};
    expect(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0, "no pair of sockets");
    client_ = ends[0];
    ours_ = ends[1];
    fcntl(ours_, F_SETFL, O_NONBLOCK);
}

redis_server::~redis_server() {
    ::close(ours_);
    redisReaderFree(static_cast<redisReader*>(reader_));
}

void redis_server::take_commands() {
    auto* const reader = static_cast<redisReader*>(reader_);
    std::array<char, 16'384> bytes;
    for (;;) {
        auto const got = ::recv(ours_, bytes.data(), bytes.size(), 0);
        if (got <= 0) break;
        redisReaderFeed(reader, bytes.data(), static_cast<std::size_t>(got));
    }
    for (;;) {
        void* taken = nullptr;
        expect(redisReaderGetReply(reader, &taken) == REDIS_OK, "what is sent is no command");
        if (taken == nullptr) return;
        auto* const one = static_cast<redisReply*>(taken);
        expect(one->type == REDIS_REPLY_ARRAY && one->elements != 0, "a command without words");
        command all;
        for (std::size_t i = 0; i != one->elements; ++i) {
            all.emplace_back(one->element[i]->str, one->element[i]->len);
        }
        commands_.push_back(std::move(all));
        freeReplyObject(one);
    }
}

void redis_server::answer_well(choices& choose) {
    if (commands_.empty()) return;
    auto const words_sent = std::move(commands_.front());
    commands_.pop_front();
    if (words_sent[0] == "EVALSHA") {
        auto const which = static_cast<script>(std::stoi(words_sent[1]));
        return send(scripted(choose, which, words_sent.size() - 3));
    }
    if (words_sent[0] == "SCARD") return send(some_number(choose));
    std::vector<std::string> values;
    if (words_sent[0] == "MGET") values.push_back(generation(choose));
    add_texts(values, words_sent.size() - 2, choose);
    send(list(values));
}

void redis_server::answer_somehow(choices& choose) {
    if (commands_.empty()) return;
    commands_.pop_front();
    send(some_tree(choose, 2));
}

void redis_server::send(std::string_view bytes) {
    static_cast<void>(::send(ours_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

}  // namespace fuzz
