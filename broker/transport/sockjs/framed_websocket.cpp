#include "broker/transport/sockjs/framed_websocket.hpp"

#include "broker/transport/sockjs/close_code.hpp"
#include "broker/transport/sockjs/frame_decoder.hpp"
#include "broker/transport/sockjs/frame_encoder.hpp"
#include "broker/transport/sockjs/session_registry.hpp"
#include "broker/transport/sockjs/transport_names.hpp"
#include "broker/transport/sockjs/utf8.hpp"

#include <algorithm>
#include <utility>

namespace broker::transport::sockjs {
namespace {

std::string encode(std::string_view head, std::string_view tail, frame_kind kind) {
    if (kind == frame_kind::text) return encode_message(head, tail);
    std::string whole(head);
    whole += tail;
    return encode_message(is_utf8(whole) ? whole : replace_invalid_utf8(whole), {});
}

}  // namespace

framed_websocket::framed_websocket(session_registry& shard, std::unique_ptr<handler> application)
    : shard_(shard), application_(std::move(application)) {}

void framed_websocket::on_open(websocket_connection& socket) {
    socket_ = &socket;
    send_frame(make_payload(std::string(open_frame)));
    shard_.timers().set(*this, last_frame_ + shard_.options().heart_beat);
    application_->on_open(*this);
}

void framed_websocket::on_message(std::span<char> message, frame_kind kind) {
    if (closing_) return;
    if (kind == frame_kind::binary && !is_utf8({message.data(), message.size()})) {
        return refuse(1007, "text is not UTF-8");
    }
    std::vector<std::span<char>> messages;
    switch (decode_messages(message, payload_form::array_or_string, messages)) {
        case decode_status::ok: return deliver(messages);
        case decode_status::empty: return;
        case decode_status::too_many_messages: return refuse(1009, "too many messages");
        case decode_status::broken:
        case decode_status::not_an_array: return refuse(1007, "broken JSON encoding");
    }
}

void framed_websocket::on_overflow(websocket_connection&) {
    application_->on_overflow(*this);
}

void framed_websocket::on_close(std::uint16_t code, std::string_view reason) {
    closing_ = true;
    self_.reset();
    application_->on_close(code, reason);
}

void framed_websocket::send(payload_ref head, payload_ref tail, frame_kind kind) {
    if (closing_) return;
    auto* const frame = new payload(encode(bytes_of(head), bytes_of(tail), kind));
    frame->droppable = is_droppable(head) || is_droppable(tail);
    send_frame(payload_ref(frame));
}

void framed_websocket::limit_messages(std::size_t bytes) {
    // JSON makes up to six octets of one, and adds its brackets and quotes.
    constexpr std::size_t longest_escape = 6;
    constexpr std::size_t framing = 64;
    bool const bounded = bytes <= shard_.options().max_payload_bytes / longest_escape;
    socket_->limit_messages(bounded ? bytes * longest_escape + framing : bytes);
}

void framed_websocket::close(std::uint16_t code, std::string_view reason) {
    if (closing_) return;
    reason = websocket_close_reason(reason);
    send_frame(make_payload(encode_close(code, reason)));
    refuse(code, reason);
}

void framed_websocket::abort(std::uint16_t, std::string_view) {
    closing_ = true;
    socket_->abort();
}

void framed_websocket::pause_reading() {
    if (std::exchange(paused_, true)) return;
    socket_->pause_reading();
}

void framed_websocket::resume_reading() {
    if (!std::exchange(paused_, false)) return;
    if (!waiting_) return socket_->resume_reading();
    // Not from inside the application's own call.
    if (!self_) self_ = std::make_shared<framed_websocket*>(this);
    shard_.home().post([weak = std::weak_ptr(self_)] {
        if (auto const self = weak.lock()) (*self)->deliver_waiting();
    });
}

std::size_t framed_websocket::queued_bytes() const {
    return socket_->queued_bytes();
}

std::string_view framed_websocket::transport_name() const {
    return transport_names::websocket;
}

void framed_websocket::on_deadline(steady_time now) {
    if (closing_) return;
    auto due = last_frame_ + shard_.options().heart_beat;
    if (now >= due) {
        send_frame(make_payload(std::string(heart_beat_frame)));
        due = now + shard_.options().heart_beat;
    }
    shard_.timers().set(*this, due);
}

void framed_websocket::send_frame(payload_ref frame) {
    last_frame_ = shard_.now();
    socket_->send(std::move(frame), {}, frame_kind::text);
}

// Ends the socket with no frame of ours.
void framed_websocket::refuse(std::uint16_t code, std::string_view reason) {
    closing_ = true;
    socket_->close(websocket_close_code(code), reason);
}

void framed_websocket::deliver(std::span<std::span<char> const> messages) {
    auto const limit = shard_.options().max_message_bytes;
    if (std::ranges::any_of(messages, [&](auto each) { return each.size() > limit; })) {
        return refuse(1009, "message too big");
    }
    std::size_t next = 0;
    while (next != messages.size() && !closing_ && !paused_) {
        application_->on_message(messages[next++], frame_kind::text);
    }
    if (next == messages.size() || closing_) return;
    waiting_ = std::make_unique<waiting_messages>();
    for (auto const rest : messages.subspan(next)) {
        waiting_->bytes.insert(waiting_->bytes.end(), rest.begin(), rest.end());
        waiting_->sizes.push_back(rest.size());
    }
}

void framed_websocket::deliver_waiting() {
    if (!waiting_) return;
    while (waiting_->next_message != waiting_->sizes.size() && !closing_ && !paused_) {
        auto const size = waiting_->sizes[waiting_->next_message++];
        auto const start = std::exchange(waiting_->next_byte, waiting_->next_byte + size);
        application_->on_message(std::span(waiting_->bytes).subspan(start, size), frame_kind::text);
    }
    if (closing_ || paused_) return;
    waiting_.reset();
    socket_->resume_reading();
}

}  // namespace broker::transport::sockjs
