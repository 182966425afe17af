#pragma once

#include "broker/ports/bus.hpp"

#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

// Events as the body of an AMQP message between nodes: a header, then event after event.
//
//   body    = 0x53 version text(event)+
//   event   = topic | user | access-ended | everybody | canary
//   topic   = 0x01 message          user      = 0x02 text(user) text(queue) message
//   ended   = 0x03 text(destination) text(user)          everybody = 0x04 text(queue) message
//   canary  = 0x05 number           from a node to itself only
//   message = flags number(seq) text(the tail in STOMP 1.2)        flags: bit 0 ephemeral
//   text    = number(octets) octets                 number = LEB128, at most 10 octets
//
// The tail is the message as the publishing node encoded it, so that the other node copies it
// instead of encoding it again. Each event has its size in front: one that cannot be read, because
// it is damaged or of a kind that only newer nodes know, takes none of the others with it.

namespace rabbitmq {

enum class codec_error : std::uint8_t {
    not_events = 1,   // does not begin as a body of ours does
    unknown_version,  // written by a node that is newer or much older
    truncated,        // ends within an event, or holds none
    trailing_octets,  // an event is longer than its kind
    bad_number,       // longer than 64 bits
    unknown_event,    // of a kind that this version does not have
    unknown_flags,    // a flag that this version does not have
    bad_message,      // a tail that no node writes
};

boost::system::error_code make_error_code(codec_error error);

inline constexpr std::string_view events_content_type = "application/x-stampede-events";

// Begins a body with events_header_size octets; append_event() adds to it.
inline constexpr std::size_t events_header_size = 2;
void begin_events(std::string& body);
void append_event(std::string& body, broker::bus_event const& event);

// What append_event() adds.
std::size_t encoded_size(broker::bus_event const& event);

// Instead of an event: what a node sends to itself to see whether events arrive.
void append_canary(std::string& body, std::uint64_t number);
std::size_t encoded_canary_size(std::uint64_t number);

struct decoded_events {
    std::vector<broker::bus_event> events;  // in their order, without those that cannot be read
    boost::system::error_code fault;        // of the first that cannot
    std::vector<std::uint64_t> canaries;    // in their order
};

// Never trusts its input, and allocates no more than a small multiple of its size.
// `received`: when they came, for their messages.
decoded_events decode_events(std::string_view body, broker::steady_time received = {});

}  // namespace rabbitmq

template <>
struct boost::system::is_error_code_enum<rabbitmq::codec_error> : std::true_type {};
