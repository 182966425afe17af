#include "broker/transport/websocket_wire.hpp"

#include "broker/shard_metrics.hpp"
#include "broker/transport/connection_host.hpp"
#include "broker/transport/websocket_frame.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <string>
#include <utility>

namespace broker::transport {
namespace {

std::chrono::seconds ping_interval(websocket_options const& options) {
    return std::chrono::seconds(options.ping_interval_s);
}

// The silence after which a peer is given up. A ping must have its time to be answered.
std::chrono::seconds patience(websocket_options const& options) {
    auto const timeout = std::chrono::seconds(options.ping_timeout_s);
    return timeout > ping_interval(options) ? timeout : ping_interval(options) + timeout;
}

outbound_kind kind_of(frame_kind kind, bool compressed) {
    if (kind == frame_kind::text) {
        return compressed ? outbound_kind::compressed_text : outbound_kind::text;
    }
    return compressed ? outbound_kind::compressed_binary : outbound_kind::binary;
}

std::uint32_t tick_of(steady_time time) {
    return static_cast<std::uint32_t>(time.time_since_epoch() / timer_wheel::tick);
}

std::size_t size_of(payload_ref const& part) {
    return part ? part->bytes().size() : 0;
}

}  // namespace

websocket_wire::websocket_wire(connection_host& host, byte_stream stream, websocket_setup setup,
                               std::unique_ptr<websocket_handler> handler)
    : connection(host, std::move(stream)),
      handler_(std::move(handler)),
      options_(setup.options),
      message_bytes_(setup.options->max_message_bytes),
      deflate_window_bits_(setup.deflate ? setup.deflate_window_bits : std::uint8_t{0}) {
    queue_.push(host.queues(), {make_payload(std::move(setup.response)), {}, outbound_kind::raw});
    if (!setup.input.empty()) {
        kept_input_ = std::make_unique<std::string>(std::move(setup.input));
    }
    input_left_ = kept_input_ != nullptr || this->stream().may_hold_input();
}

websocket_wire::~websocket_wire() {
    queue_.clear(host().queues());
}

void websocket_wire::open() {
    // The system had no room to watch it: nobody has heard of it yet.
    if (ended()) return handler_.reset();
    heard_tick_ = tick_of(home().now());
    sent_tick_ = heard_tick_;
    expect_next_sign(home().now());
    schedule_flush();
    try {
        handler_->on_open(*this);
    } catch (std::exception const&) {
        fail(1011, "internal error");
    }
}

void websocket_wire::send(payload_ref head, payload_ref tail, frame_kind kind) {
    if (phase_ != phase::open || ended() || aborted_) return;
    if (deflate_window_bits_ != 0 && size_of(head) + size_of(tail) >= options_->deflate_threshold) {
        if (auto shorter = host().compressed(head, tail, deflate_window_bits_)) {
            queue_.push(host().queues(), {std::move(shorter), {}, kind_of(kind, true)});
            return schedule_flush();
        }
    }
    queue_.push(host().queues(), {std::move(head), std::move(tail), kind_of(kind, false)});
    schedule_flush();
}

void websocket_wire::close(std::uint16_t code, std::string_view reason) {
    if (phase_ != phase::open || ended() || aborted_) return;
    push_close(code, reason);
    phase_ = phase::closing;
    // The peer's close frame must be seen, whoever paused reading.
    if (std::exchange(paused_, false)) input_left_ = true;
    set_deadline(home().now() + std::chrono::seconds(options_->close_timeout_s));
}

void websocket_wire::abort() {
    if (ended() || aborted_) return;
    // The handler is told by the flush, not from inside its own call.
    aborted_ = true;
    schedule_flush();
}

void websocket_wire::limit_messages(std::size_t bytes) {
    message_bytes_ = std::min(bytes, options_->max_message_bytes);
}

void websocket_wire::pause_reading() {
    if (phase_ != phase::open) return;
    paused_ = true;
    schedule_flush();
}

void websocket_wire::resume_reading() {
    if (!std::exchange(paused_, false)) return;
    input_left_ = true;
    schedule_flush();
}

std::size_t websocket_wire::queued_bytes() const {
    return queue_.bytes();
}

void websocket_wire::terminate() {
    end();
    tell_closed(1006, "node stops");
}

void websocket_wire::on_ready(std::uint32_t events) {
    if (ended() || aborted_) return;
    if ((events & EPOLLOUT) != 0) {
        writable_again();
        schedule_flush();
    }
    if ((events & (EPOLLERR | EPOLLHUP)) != 0 && paused_) return lose("connection lost");
    // What is kept comes first; the flush sees to it.
    if (input_left_) return;
    if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0 && !paused_) read_input();
}

void websocket_wire::read_input() {
    auto& buffer = home().read_buffer();
    auto const got = read(buffer);
    if (got.bytes > 0) {
        heard_tick_ = tick_of(home().now());
        ping_sent_ = false;
        take({buffer.data(), got.bytes});
        if (ended()) return;
    }
    if (got.status == io_status::ended) return lose("connection lost");
    if (got.status == io_status::failed) return lose("connection lost");
    if (stream().may_hold_input()) {
        // A full buffer: more may lie decrypted in the session.
        if (got.status == io_status::done) {
            input_left_ = true;
            schedule_flush();
        }
        if (stream().read_waits_for_write()) schedule_flush();
    }
}

void websocket_wire::take(std::span<char> bytes) {
    auto* const inflater = deflate_window_bits_ != 0 ? &host().inflater() : nullptr;
    while (phase_ <= phase::closing && !ended() && !aborted_) {
        if (paused_) {
            if (!bytes.empty()) {
                kept_input_ = std::make_unique<std::string>(bytes.data(), bytes.size());
            }
            return;
        }
        // A message may change what the next one is allowed.
        if (!handle(decoder_.next(bytes, {message_bytes_, inflater}))) return;
    }
}

// False when the input is used up or nothing more is wanted of it.
bool websocket_wire::handle(websocket_event const& event) {
    using enum websocket_event::type;
    switch (event.what) {
        case need_more: return false;
        case message:
            if (phase_ != phase::open) return true;
            try {
                handler_->on_message(event.payload, event.kind);
            } catch (std::exception const&) {
                fail(1011, "internal error");
            }
            return true;
        case ping:
            if (phase_ == phase::open) {
                push_control(outbound_kind::pong, {event.payload.data(), event.payload.size()});
            }
            return true;
        case pong: return true;
        case close:
            if (phase_ == phase::open) push_close(event.code, {});
            finish(event.code, event.reason);
            return false;
        case failed:
            if (event.code == 1009) {
                fail(1009, "a message may have " + std::to_string(message_bytes_) + " bytes");
            } else {
                fail(event.code, event.reason);
            }
            return false;
    }
    return false;
}

void websocket_wire::push_control(outbound_kind kind, std::string_view payload) {
    queue_.push(host().queues(),
                {payload.empty() ? payload_ref() : make_payload(std::string(payload)), {}, kind});
    schedule_flush();
}

void websocket_wire::push_close(std::uint16_t code, std::string_view reason) {
    std::string payload;
    if (code != 1005) {
        payload += static_cast<char>(code >> 8);
        payload += static_cast<char>(code & 0xFF);
        auto fitting = reason.substr(0, websocket_control_bytes - 2);
        // Not in the middle of a character.
        if (fitting.size() < reason.size()) {
            while (!fitting.empty() &&
                   (static_cast<unsigned char>(reason[fitting.size()]) & 0xC0) == 0x80) {
                fitting.remove_suffix(1);
            }
        }
        payload += fitting;
    }
    push_control(outbound_kind::close, payload);
}

// The connection cannot go on: our close frame says why, the peer's is not awaited.
void websocket_wire::fail(std::uint16_t code, std::string_view reason) {
    if (phase_ == phase::open) push_close(code, reason);
    finish(code, reason);
}

void websocket_wire::finish(std::uint16_t code, std::string_view reason) {
    phase_ = phase::leaving;
    paused_ = false;
    kept_input_.reset();
    set_deadline(home().now() + std::chrono::seconds(options_->close_timeout_s));
    schedule_flush();
    tell_closed(code, reason);
}

// The connection is broken.
void websocket_wire::lose(std::string_view why) {
    end();
    tell_closed(1006, why);
}

void websocket_wire::tell_closed(std::uint16_t code, std::string_view reason) {
    if (handler_ == nullptr) return;
    // Taken first: on_close may call us again.
    auto const handler = std::move(handler_);
    handler->on_close(code, reason);
}

void websocket_wire::flush() {
    if (!flush_begins()) return;
    if (aborted_) return lose("aborted");
    if (input_left_ && !paused_) {
        input_left_ = false;
        if (kept_input_ != nullptr) {
            auto const input = std::move(kept_input_);
            take(*input);
            input_left_ = kept_input_ != nullptr;
        }
        if (!ended() && !paused_ && stream().may_hold_input()) read_input();
        if (ended()) return;
        if (aborted_) return lose("aborted");
    }
    write_queue();
    if (ended()) return;
    check_bound();
    if (ended()) return;
    watch_what_matters();
}

void websocket_wire::write_queue() {
    // One batch a turn, so that a long queue does not hold the others up; but one that is over its
    // bound is not the reader's fault before the socket is full.
    if (!queue_.empty() && !blocked()) sent_tick_ = tick_of(home().now());
    do {
        if (!write_batch(queue_)) return lose("connection lost");
    } while (!blocked() && queue_.bytes() > options_->outbound_bytes);
    if (!queue_.empty()) {
        if (!blocked()) schedule_flush();
    } else if (phase_ == phase::leaving) {
        phase_ = phase::lingering;
        stream().end_writing();
        set_deadline(home().now() + linger_deadline);
    }
}

void websocket_wire::check_bound() {
    if (phase_ != phase::open || queue_.bytes() <= options_->outbound_bytes) return;
    auto const dropped = queue_.drop_down_to(host().queues(), options_->outbound_bytes);
    home().metrics().dropped_messages.add(dropped);
    if (handler_ && queue_.bytes() > options_->outbound_bytes) handler_->on_overflow(*this);
}

void websocket_wire::watch_what_matters() {
    std::uint32_t events = 0;
    if (!paused_) events |= watch_input;
    if (blocked() || stream().read_waits_for_write()) events |= watch_output;
    watch(events);
}

void websocket_wire::on_deadline(steady_time now) {
    if (ended()) return;
    if (phase_ != phase::open) return lose("no close handshake");
    auto const interval = ping_interval(*options_);
    // While nothing is read a peer's silence proves nothing; a broken socket tells by itself.
    if (paused_ || kept_input_ != nullptr) heard_tick_ = tick_of(now);
    auto const since = [now](std::uint32_t tick) {
        return timer_wheel::tick * std::int64_t{tick_of(now) - tick};
    };
    if (ping_sent_ && since(heard_tick_) >= patience(*options_)) {
        return fail(describe(close_reason::ping_timeout).websocket_code,
                    describe(close_reason::ping_timeout).text);
    }
    // Proxies look at one direction or the other, so each must have its sign of life.
    bool const peer_is_silent = !ping_sent_ && since(heard_tick_) >= interval;
    bool const we_are_silent = queue_.empty() && since(sent_tick_) >= interval;
    if (peer_is_silent || we_are_silent) {
        ping_sent_ = true;
        push_control(outbound_kind::ping, {});
    }
    expect_next_sign(now);
}

void websocket_wire::expect_next_sign(steady_time now) {
    if (options_->ping_interval_s == 0 || phase_ != phase::open) return;
    auto const interval = ping_interval(*options_);
    auto const at = [](std::uint32_t tick) {
        return steady_time(timer_wheel::tick * std::int64_t{tick});
    };
    auto due = now + interval;
    due = std::min(due, at(heard_tick_) + (ping_sent_ ? patience(*options_) : interval));
    if (queue_.empty()) due = std::min(due, at(sent_tick_) + interval);
    // Ticks are rounded down, so one more lets the whole time pass.
    set_deadline(due + timer_wheel::tick);
}

}  // namespace broker::transport
