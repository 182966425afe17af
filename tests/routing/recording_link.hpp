#pragma once

#include "broker/message.hpp"
#include "broker/routing/subscription.hpp"
#include "broker/transport/link.hpp"

#include <memory>
#include <string>
#include <vector>

// A link that remembers what was sent through it, and a subscription of its own to send to.

namespace tests {

class recording_link final : public broker::transport::link {
public:
    void send(broker::transport::payload_ref head, broker::transport::payload_ref tail,
              broker::transport::frame_kind) override {
        frames.push_back((head ? std::string(head->bytes()) : std::string()) +
                         (tail ? std::string(tail->bytes()) : std::string()));
    }
    void send_heart_beat() override {}
    void limit_messages(std::size_t) override {}
    void pause_reading() override {}
    void resume_reading() override {}
    void close(broker::close_reason, std::string_view) override {}
    void abort(broker::close_reason) override {}
    std::size_t queued_bytes() const override { return queued; }
    bool take_sent_mark() override { return true; }
    std::string_view transport_name() const override { return "test"; }

    std::vector<std::string> frames;
    std::size_t queued = 0;
};

struct test_subscriber final : broker::routing::subscriber {
    explicit test_subscriber(std::string user_name = "") : user_(std::move(user_name)) {
        static std::uint64_t serial = 0;
        subscription.serial = ++serial;
        subscription.out = &link;
        subscription.owner = this;
        subscription.head = broker::transport::make_payload("MESSAGE\nsubscription:s\n");
    }
    void deliver_for_ack(broker::routing::subscription&, broker::message_ptr const&) override {}
    std::string_view user() const override { return user_; }
    void on_access_ended(broker::routing::subscription&, std::string_view destination) override {
        ended.emplace_back(destination);
    }

    // The seq of every MESSAGE received, in order.
    std::vector<int> seqs() const {
        std::vector<int> found;
        for (auto const& frame : link.frames) {
            auto const at = frame.find("\nseq:");
            if (at != std::string::npos) found.push_back(std::stoi(frame.substr(at + 5)));
        }
        return found;
    }

    recording_link link;
    broker::routing::subscription subscription;
    std::vector<std::string> ended;

private:
    std::string user_;
};

inline broker::message_ptr room_message(std::uint64_t seq,
                                        std::string destination = "/topic/room/1") {
    return std::make_shared<broker::message const>(
        broker::message_fields{.destination = std::move(destination),
                               .id = std::to_string(seq),
                               .seq = seq,
                               .headers = {},
                               .body = "message " + std::to_string(seq)});
}

}  // namespace tests
