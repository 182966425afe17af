#pragma once

#include "bench/client/client_loop.hpp"
#include "bench/client/stomp_client.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

// What the tests of the clients share.

namespace bench::test {

// Turns until it holds.
inline void until(client_loop& loop, std::function<bool()> const& holds) {
    auto const end = bench_clock::now() + std::chrono::seconds(20);
    while (!holds()) {
        auto const now = bench_clock::now();
        if (now >= end) FAIL("waited in vain");
        loop.turn(now + std::chrono::milliseconds(100));
    }
}

struct recorder final : client_listener {
    void on_welcome(stomp_client& /*client*/, frame_view frame) override {
        welcome = frame.bytes();
    }
    void on_connected(stomp_client& client) override {
        events.emplace_back("connected");
        if (connected) connected(client);
    }
    void on_message(stomp_client& client, frame_view message) override {
        events.push_back("message " + std::string(message.body()));
        if (got) got(client);
    }
    void on_receipt(stomp_client& /*client*/, std::string_view receipt) override {
        events.push_back("receipt " + std::string(receipt));
    }
    void on_error(stomp_client& /*client*/, frame_view error) override {
        events.push_back("error " + std::string(error.header("message")));
    }
    void on_closed(stomp_client& client, std::string_view reason) override {
        events.push_back("closed: " + std::string(reason));
        if (closed) closed(client);
    }

    bool saw(std::string_view event) const {
        for (auto const& one : events) {
            if (one == event) return true;
        }
        return false;
    }
    std::vector<std::string> messages() const {
        std::vector<std::string> out;
        for (auto const& one : events) {
            if (one.starts_with("message ")) out.push_back(one.substr(8));
        }
        return out;
    }

    std::vector<std::string> events;
    std::string welcome;  // the last CONNECTED
    std::function<void(stomp_client&)> connected;
    std::function<void(stomp_client&)> got;
    std::function<void(stomp_client&)> closed;
};

}  // namespace bench::test
