#pragma once

#include "broker/ports/bus.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// Events to publish, and events as text to compare them by.

namespace tests {

inline broker::message_ptr message_to(std::string destination, std::string body,
                                      std::uint64_t seq = 0, bool ephemeral = false) {
    broker::message_fields fields;
    fields.destination = std::move(destination);
    fields.id = "m-" + body.substr(0, 20);
    fields.seq = seq;
    fields.ephemeral = ephemeral;
    fields.headers = {{"content-type", "text/plain"}};
    fields.body = std::move(body);
    return std::make_shared<broker::message const>(fields);
}

inline broker::bus_event to_topic(std::string destination, std::string body, std::uint64_t seq = 0,
                                  bool ephemeral = false) {
    return broker::topic_event{message_to(std::move(destination), std::move(body), seq, ephemeral)};
}

inline broker::bus_event to_user(std::string user, std::string body) {
    return broker::user_event{std::move(user), "/queue/messages",
                              message_to("/queue/messages", std::move(body))};
}

inline std::string shown(broker::bus_event const& event) {
    struct {
        std::string operator()(broker::topic_event const& e) const {
            return std::string(e.message->destination()).append(" ").append(e.message->body());
        }
        std::string operator()(broker::user_event const& e) const {
            return "user " + e.user + " " + e.queue + " " + std::string(e.message->body());
        }
        std::string operator()(broker::access_ended_event const& e) const {
            return "ended " + e.destination + " " + e.user;
        }
        std::string operator()(broker::everybody_event const& e) const {
            return "everybody " + e.queue + " " + std::string(e.message->body());
        }
    } const show;
    return std::visit(show, event);
}

inline std::vector<std::string> shown(std::vector<broker::bus_event> const& events) {
    std::vector<std::string> all;
    for (auto const& event : events) all.push_back(shown(event));
    return all;
}

}  // namespace tests
