#include "broker/transport/connection.hpp"

#include "broker/shard_metrics.hpp"
#include "broker/transport/connection_host.hpp"

#include <utility>

namespace broker::transport {

connection::connection(connection_host& host, byte_stream stream)
    : host_(host), stream_(std::move(stream)) {}

connection::~connection() = default;

loop& connection::home() noexcept {
    return host_.home();
}

bool connection::start() {
    watched_ = watch_input;
    if (home().sockets().add(stream_.descriptor(), watched_, *this)) return true;
    end();
    return false;
}

void connection::watch(std::uint32_t events) noexcept {
    if (ended_ || events == watched_) return;
    watched_ = events;
    home().sockets().modify(stream_.descriptor(), events, *this);
}

void connection::schedule_flush() {
    if (flush_is_coming_ || ended_) return;
    flush_is_coming_ = true;
    home().flush_later(*this);
}

void connection::set_deadline(steady_time when) {
    if (!ended_) home().timers().set(*this, when);
}

void connection::cancel_deadline() noexcept {
    home().timers().cancel(*this);
}

bool connection::write_batch(outbound_queue& queue) {
    if (blocked_ || queue.empty()) return true;
    outbound_batch batch;
    queue.gather(home().write_scratch(), batch);
    auto const sent = stream_.write(batch.span());
    if (sent.status == io_status::failed) return false;
    queue.consume(host_.queues(), sent.bytes, stream_.committed());
    auto& counts = host_.counts();
    counts.bytes_sent.add(sent.bytes);
    blocked_ = sent.status == io_status::blocked;
    if (blocked_) counts.blocked_connections.add();
    return true;
}

io_result connection::read(std::span<char> buffer) {
    auto const got = stream_.read(buffer);
    host_.counts().bytes_received.add(got.bytes);
    return got;
}

void connection::writable_again() noexcept {
    if (std::exchange(blocked_, false)) host_.counts().blocked_connections.sub();
}

byte_stream connection::release() {
    home().sockets().remove(stream_.descriptor());
    auto stream = std::move(stream_);
    leave_host(true);
    return stream;
}

void connection::end() noexcept {
    if (ended_) return;
    stream_.close();  // which takes it out of the poller, too
    leave_host(false);
}

void connection::leave_host(bool socket_lives_on) noexcept {
    ended_ = true;
    writable_again();
    cancel_deadline();
    host_.remove(*this, socket_lives_on);
}

}  // namespace broker::transport
