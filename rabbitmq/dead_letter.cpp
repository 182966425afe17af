#include "rabbitmq/dead_letter.hpp"

#include "rabbitmq/topology.hpp"

#include <utility>

namespace rabbitmq {
namespace {

constexpr std::size_t longest_reason = 1000;
// RabbitMQ 4 takes no larger message by itself, and may hold one from before.
constexpr std::size_t largest_body = std::size_t{16} << 20U;
constexpr std::size_t head_of_body = std::size_t{64} << 10U;
// For the counts of what is missing.
constexpr std::size_t counts_room = 100;

}  // namespace

persistent_message make_dead_letter(delivery const& of, dead_letter_cause const& why,
                                    std::size_t header_room) {
    persistent_message letter{.exchange = {},  // the default one: by the queue's name
                              .routing_key = std::string(dead_letter_queue),
                              .content_type = of.content_type,
                              .type = of.type,
                              .id = of.message_id};
    std::size_t taken = counts_room;
    auto const add = [&](std::string_view name, std::string_view value) {
        auto const size = header_octets(name, value);
        if (taken + size > header_room) return false;
        taken += size;
        letter.headers.emplace_back(name, value);
        return true;
    };
    add("x-reason", why.reason.substr(0, longest_reason));
    add("x-origin-queue", why.queue);
    add("x-origin-key", of.routing_key);
    add("x-origin-app", of.app_id);
    add("x-attempts", std::to_string(why.attempts));
    std::size_t left_out = 0;
    for (auto const& [name, value] : of.headers) {
        // It may have been a dead letter before, that somebody published again.
        if (name.starts_with("x-")) continue;
        if (!add(name, value)) ++left_out;
    }
    if (left_out != 0) {
        letter.headers.emplace_back("x-headers-left-out", std::to_string(left_out));
    }
    if (of.body.size() > largest_body) {
        letter.headers.emplace_back("x-body-bytes", std::to_string(of.body.size()));
        letter.body = of.body.substr(0, head_of_body);
    } else {
        letter.body = of.body;
    }
    return letter;
}

}  // namespace rabbitmq
