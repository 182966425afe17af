#include "broker/message.hpp"

#include "stomp/command.hpp"
#include "stomp/escape.hpp"
#include "stomp/frame_writer.hpp"
#include "stomp/utf8.hpp"

#include <algorithm>
#include <charconv>

namespace broker {
namespace {

using stomp::header_view;
using stomp::version;

constexpr std::string_view id_name = "message-id";
constexpr std::string_view destination_name = "destination";
constexpr std::string_view seq_name = "seq";
constexpr std::size_t id_offset = id_name.size() + 1;

constexpr std::size_t longest_number = 20;
// content-length and its number, the line ends around it, the NUL.
constexpr std::size_t end_size = 15 + longest_number + 3;

bool escapes(std::string_view text) {
    return stomp::needs_escaping(text, version::v1_2);
}

bool passes(message_parts const& parts, header_view const& h) {
    return parts.passes == nullptr || parts.passes(h.name);
}

// 1.2 escapes whatever an older version does.
bool needs_escapes(message_parts const& parts) {
    if (escapes(parts.id) || escapes(parts.destination)) return true;
    return std::ranges::any_of(parts.headers, [&](header_view const& h) {
        return (escapes(h.name) || escapes(h.value)) && passes(parts, h);
    });
}

std::size_t size_of(message_parts const& parts) {
    auto size = id_offset + parts.id.size() + 1 + destination_name.size() + 1 +
                parts.destination.size() + 1 + end_size + parts.body.size();
    if (parts.seq != 0) size += seq_name.size() + 1 + longest_number + 1;
    for (auto const& h : parts.headers) {
        if (passes(parts, h)) size += h.name.size() + h.value.size() + 2;
    }
    return size;
}

void append_plain(std::string& out, header_view h) {
    out += h.name;
    out += ':';
    out += h.value;
    out += '\n';
}

template <typename AppendHeader>
std::string write_tail(message_parts const& parts, AppendHeader append) {
    std::string out;
    out.reserve(size_of(parts));
    append(out, header_view{id_name, parts.id});
    append(out, header_view{destination_name, parts.destination});
    if (parts.seq != 0) {
        char digits[longest_number];
        auto const end = std::to_chars(digits, digits + longest_number, parts.seq).ptr;
        append(out, header_view{seq_name, std::string_view(digits, end)});
    }
    for (auto const& h : parts.headers) {
        if (passes(parts, h)) append(out, h);
    }
    stomp::append_end(out, parts.body);
    return out;
}

std::string escaped_tail(message_parts const& parts, version v) {
    return write_tail(parts, [v](std::string& out, header_view h) {
        stomp::append_header(out, v, stomp::command::message, h);
    });
}

std::vector<header_view> views_of(message_fields const& fields) {
    std::vector<header_view> views;
    views.reserve(fields.headers.size());
    for (auto const& [name, value] : fields.headers) views.push_back({name, value});
    return views;
}

}  // namespace

struct message::escaped {
    std::string destination;
    std::string id;
    std::string tail_1_0;
    std::string tail_1_1;
};

message::message(message_fields const& fields)
    : message(message_parts{.destination = fields.destination,
                            .id = fields.id,
                            .seq = fields.seq,
                            .ephemeral = fields.ephemeral,
                            .received = fields.received,
                            .headers = views_of(fields),
                            .body = fields.body}) {}

message::message(message_parts const& parts)
    : seq_(parts.seq),
      received_(parts.received),
      id_size_(static_cast<std::uint32_t>(parts.id.size())),
      destination_size_(static_cast<std::uint32_t>(parts.destination.size())),
      body_size_(parts.body.size()),
      ephemeral_(parts.ephemeral),
      binary_(!stomp::is_valid_utf8(parts.body)) {
    if (!needs_escapes(parts)) {
        tail_ = write_tail(parts, append_plain);
        return;
    }
    tail_ = escaped_tail(parts, version::v1_2);
    escaped_ = std::make_unique<escaped>(
        escaped{std::string(parts.destination), std::string(parts.id),
                escaped_tail(parts, version::v1_0), escaped_tail(parts, version::v1_1)});
}

message::message(std::string_view tail, tail_sizes const& sizes, std::uint64_t seq, bool ephemeral,
                 steady_time received)
    : tail_(tail),
      seq_(seq),
      received_(received),
      id_size_(sizes.id),
      destination_size_(sizes.destination),
      body_size_(sizes.body),
      ephemeral_(ephemeral),
      binary_(!stomp::is_valid_utf8(body())) {}

message::~message() = default;

std::string_view message::id() const noexcept {
    if (escaped_) return escaped_->id;
    return std::string_view(tail_).substr(id_offset, id_size_);
}

std::string_view message::destination() const noexcept {
    if (escaped_) return escaped_->destination;
    return std::string_view(tail_).substr(id_offset + id_size_ + 1 + destination_name.size() + 1,
                                          destination_size_);
}

std::string_view message::body() const noexcept {
    return std::string_view(tail_).substr(tail_.size() - 1 - body_size_, body_size_);
}

std::string_view message::tail(stomp::version version) const noexcept {
    if (escaped_ && version == stomp::version::v1_0) return escaped_->tail_1_0;
    if (escaped_ && version == stomp::version::v1_1) return escaped_->tail_1_1;
    return tail_;
}

}  // namespace broker
