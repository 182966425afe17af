#include "broker/transport/tcp_wire.hpp"

#include "broker/shard_metrics.hpp"
#include "broker/transport/connection_host.hpp"

#include <chrono>
#include <exception>
#include <utility>

namespace broker::transport {
namespace {

constexpr std::chrono::seconds close_deadline{5};

}  // namespace

tcp_wire::tcp_wire(connection_host& host, byte_stream stream, std::unique_ptr<tcp_handler> handler)
    : connection(host, std::move(stream)), handler_(std::move(handler)) {}

tcp_wire::~tcp_wire() {
    queue_.clear(host().queues());
}

void tcp_wire::open() {
    // The system had no room to watch it: nobody has heard of it yet.
    if (ended()) return handler_.reset();
    // The handler's own deadlines begin with its first bytes, which need the handshake.
    handshake_ = stream().secure();
    if (handshake_) set_deadline(home().now() + host().shared().http.header_deadline);
    try {
        handler_->on_open(*this);
    } catch (std::exception const&) {
        abort();
    }
}

void tcp_wire::send(payload_ref head, payload_ref tail) {
    if (phase_ != phase::open || ended() || aborted_) return;
    queue_.push(host().queues(), {std::move(head), std::move(tail), outbound_kind::raw});
    schedule_flush();
}

void tcp_wire::close() {
    if (phase_ != phase::open || ended()) return;
    phase_ = phase::closing;
    paused_ = false;
    set_deadline(home().now() + close_deadline);
    schedule_flush();
}

void tcp_wire::abort() {
    if (ended() || aborted_) return;
    aborted_ = true;
    schedule_flush();
}

void tcp_wire::pause_reading() {
    if (phase_ != phase::open) return;
    paused_ = true;
    schedule_flush();
}

void tcp_wire::resume_reading() {
    if (!std::exchange(paused_, false)) return;
    input_left_ = stream().may_hold_input();
    schedule_flush();
}

std::size_t tcp_wire::queued_bytes() const {
    return queue_.bytes();
}

void tcp_wire::terminate() {
    lose();
}

void tcp_wire::on_ready(std::uint32_t events) {
    if (ended() || aborted_) return;
    if ((events & EPOLLOUT) != 0) {
        writable_again();
        schedule_flush();
    }
    if ((events & (EPOLLERR | EPOLLHUP)) != 0 && paused_) return lose();
    if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0 && !paused_) read_input();
}

void tcp_wire::read_input() {
    auto& buffer = home().read_buffer();
    auto const got = read(buffer);
    if (got.bytes > 0) {
        if (std::exchange(handshake_, false) && phase_ == phase::open) cancel_deadline();
        deliver({buffer.data(), got.bytes});
        if (ended()) return;
    }
    if (got.status == io_status::ended || got.status == io_status::failed) return lose();
    if (stream().may_hold_input()) {
        if (got.status == io_status::done) {
            input_left_ = true;
            schedule_flush();
        }
        if (stream().read_waits_for_write()) schedule_flush();
    }
}

void tcp_wire::deliver(std::span<char> bytes) {
    if (phase_ != phase::open || aborted_) return;
    try {
        handler_->on_bytes(bytes);
    } catch (std::exception const&) {
        abort();
    }
}

void tcp_wire::lose() {
    end();
    if (handler_ == nullptr) return;
    auto const handler = std::move(handler_);
    handler->on_close();
}

void tcp_wire::flush() {
    if (!flush_begins()) return;
    if (aborted_) return lose();
    if (std::exchange(input_left_, false) && !paused_) {
        read_input();
        if (ended()) return;
        if (aborted_) return lose();
    }
    auto const bound = host().shared().tcp.outbound_bytes;
    do {
        if (!write_batch(queue_)) return lose();
    } while (!blocked() && queue_.bytes() > bound);
    if (!queue_.empty()) {
        if (!blocked()) schedule_flush();
        if (phase_ == phase::open && queue_.bytes() > bound) {
            home().metrics().dropped_messages.add(queue_.drop_down_to(host().queues(), bound));
            if (handler_ && queue_.bytes() > bound) handler_->on_overflow(*this);
        }
    } else if (phase_ == phase::closing) {
        phase_ = phase::lingering;
        stream().end_writing();
        set_deadline(home().now() + linger_deadline);
    }
    watch((paused_ ? 0 : watch_input) |
          (blocked() || stream().read_waits_for_write() ? watch_output : 0));
}

void tcp_wire::on_deadline(steady_time) {
    if (!ended()) lose();
}

}  // namespace broker::transport
