#include "broker/transport/forwarding/relay.hpp"

#include "broker/transport/forwarding/forwarded_request.hpp"
#include "broker/transport/forwarding/idle_connections.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <utility>

namespace broker::transport {
namespace {

loop& this_loop() {
    auto* const here = loop::current();
    if (here == nullptr) throw std::logic_error("a request is forwarded outside of a loop");
    return *here;
}

void set_option(int descriptor, int level, int option, int value) {
    ::setsockopt(descriptor, level, option, &value, sizeof value);
}

// A poll waits for up to a heart-beat's time and a held send for as long as the application takes:
// only the network can tell that the node has vanished.
void notice_silence(int descriptor, std::chrono::milliseconds timeout) {
    auto const seconds = static_cast<int>(std::max<std::int64_t>(
        std::chrono::duration_cast<std::chrono::seconds>(timeout).count(), 2));
    set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, seconds / 2);
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, std::max(seconds / 4, 1));
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPCNT, 2);
    set_option(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(timeout.count()));
}

}  // namespace

relay::relay(forwarder& owner, http_exchange_ptr exchange,
             unique_function<void(forward_failure)> failed)
    : owner_(owner),
      home_(this_loop()),
      exchange_(std::move(exchange)),
      failed_(std::move(failed)),
      answer_(owner.options().answer_bytes, exchange_->request().method == "HEAD") {}

relay::~relay() = default;

void relay::start(std::string const& address) {
    self_ = shared_from_this();
    exchange_->on_abort([weak = weak_from_this()] {
        if (auto const self = weak.lock()) self->end(true);
    });
    address_ = address;
    stream_ = owner_.idle(home_).take(address_);
    if (!stream_.is_open()) return connect_anew();
    reused_ = true;
    begin_exchange();
}

void relay::connect_anew() {
    owner_.connects();
    phase_ = phase::connecting;
    home_.timers().set(*this, home_.now() + owner_.options().connect_timeout);
    look_up(home_, address_, [weak = weak_from_this()](std::optional<socket_address> const& where) {
        auto const self = weak.lock();
        if (self && self->phase_ == phase::connecting) self->connect(where);
    });
}

void relay::connect(std::optional<socket_address> const& where) {
    if (!where) return broken();
    int const descriptor =
        ::socket(where->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (descriptor < 0) return broken();
    stream_ = byte_stream(descriptor);
    set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
    notice_silence(descriptor, owner_.options().vanish_timeout);
    auto const* const address = reinterpret_cast<sockaddr const*>(&where->storage);
    if (::connect(descriptor, address, where->size) != 0 && errno != EINPROGRESS) return broken();
    watch(EPOLLOUT);
    if (!in_poller_) broken();
}

void relay::connected() {
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(stream_.descriptor(), SOL_SOCKET, SO_ERROR, &error, &size) != 0 ||
        error != 0) {
        return broken();
    }
    home_.timers().cancel(*this);
    begin_exchange();
}

void relay::begin_exchange() {
    phase_ = phase::exchanging;
    unsent_ = forwarded_text(exchange_->request(), owner_.options().secret);
    send_request();
}

void relay::on_ready(std::uint32_t events) {
    auto const self = shared_from_this();
    if (phase_ == phase::over) return;
    if (phase_ == phase::connecting) return connected();
    if (held_back_) {
        // Broken, as nothing else is watched now. What has come before is read when the client has
        // room; until then the poller would tell of it in every turn.
        home_.sockets().remove(stream_.descriptor());
        in_poller_ = false;
        return;
    }
    if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) read_answer();
    if (phase_ == phase::exchanging && (events & EPOLLOUT) != 0) send_request();
}

void relay::send_request() {
    while (sent_ < unsent_.size()) {
        iovec const piece{unsent_.data() + sent_, unsent_.size() - sent_};
        auto const done = stream_.write({&piece, 1});
        sent_ += done.bytes;
        // An answer may have come although the request was not wanted to its end.
        if (done.status == io_status::failed) break;
        if (done.status == io_status::blocked) {
            watch(EPOLLIN | EPOLLOUT);
            if (!in_poller_) broken();
            return;
        }
    }
    wholly_sent_ = sent_ == unsent_.size();
    unsent_ = {};
    sent_ = 0;
    watch(EPOLLIN);
    if (!in_poller_) broken();
}

void relay::read_answer() {
    auto& buffer = home_.read_buffer();
    auto const got = stream_.read(buffer);
    auto status = answer_decoder::status::need_more;
    answering_ = answering_ || got.bytes > 0;
    if (got.bytes > 0) status = answer_.feed({buffer.data(), got.bytes});
    if (got.status == io_status::failed) return broken();
    if (got.status == io_status::ended) status = answer_.end();
    if (status == answer_decoder::status::failed) return broken();
    pass_on();
    if (phase_ == phase::over) return;
    if (status == answer_decoder::status::complete) return complete();
    hold_back();
}

void relay::pass_on() {
    if (!answer_.has_head() || !answer_.is_stream()) return;
    if (!std::exchange(streaming_, true)) exchange_->start_stream(answer_.take_head());
    exchange_->write(answer_.take_body());
}

void relay::hold_back() {
    if (exchange_->queued_bytes() <= owner_.options().queued_bytes) return;
    held_back_ = true;
    watch(0);
    exchange_->on_drained([weak = weak_from_this()] {
        auto const self = weak.lock();
        if (!self || self->phase_ == phase::over) return;
        self->held_back_ = false;
        self->watch(EPOLLIN | (self->unsent_.empty() ? 0U : EPOLLOUT));
        if (!self->in_poller_) self->broken();
    });
}

void relay::complete() {
    auto const exchange = exchange_;
    end(true, wholly_sent_ && answer_.keeps_connection());
    if (streaming_) return exchange->finish();
    auto answer = answer_.take_head();
    answer.body = answer_.take_body();
    exchange->respond(std::move(answer));
}

// The other node closes idle connections when it drains, perhaps at this moment. A message is sent
// once at most; to ask twice for what is there does no harm.
bool relay::may_be_repeated() const {
    return phase_ == phase::exchanging && reused_ && !answering_ &&
           exchange_->request().body.empty();
}

// No answer, or only its beginning.
void relay::broken() {
    if (may_be_repeated()) {
        reused_ = false;
        if (in_poller_) home_.sockets().remove(stream_.descriptor());
        in_poller_ = false;
        stream_.close();
        return connect_anew();
    }
    auto const exchange = exchange_;
    auto failed = std::move(failed_);
    end(streaming_);
    if (streaming_) return exchange->drop();
    failed(forward_failure::unreachable);
}

void relay::on_deadline(steady_time) {
    if (phase_ == phase::connecting) broken();
}

void relay::end(bool answered, bool keep_connection) {
    if (std::exchange(phase_, phase::over) == phase::over) return;
    home_.timers().cancel(*this);
    if (in_poller_) home_.sockets().remove(stream_.descriptor());
    in_poller_ = false;
    if (keep_connection) owner_.idle(home_).keep(address_, std::move(stream_));
    stream_.close();
    exchange_.reset();
    failed_ = {};
    owner_.ended(answered);
    // Events on their way may still name us.
    home_.retire(std::move(self_));
}

void relay::watch(std::uint32_t events) {
    if (!in_poller_) {
        in_poller_ = home_.sockets().add(stream_.descriptor(), events, *this);
    } else if (events != watched_) {
        home_.sockets().modify(stream_.descriptor(), events, *this);
    }
    watched_ = events;
}

}  // namespace broker::transport
