#include "bench/client/connection.hpp"

#include "bench/client/connection_setup.hpp"
#include "bench/client/farewell.hpp"
#include "bench/client/sockjs_codec.hpp"
#include "bench/client/stomp_frame.hpp"
#include "bench/client/websocket_handshake.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace bench {
namespace {

constexpr std::uint16_t normal_closure = 1000;

std::string connect_frame(client_options const& options, credentials const& as) {
    std::string out = "CONNECT\n";
    // CONNECT has no escapes in any version.
    auto const put = [&out](std::string_view name, std::string_view value) {
        append_header(out, name, value, false);
    };
    put("accept-version", options.accept_version);
    put("host", options.virtual_host);
    put("heart-beat", std::to_string(options.heart_beat_send.count()) + "," +
                          std::to_string(options.heart_beat_receive.count()));
    if (!as.login.empty()) put("login", as.login);
    if (!as.passcode.empty()) put("passcode", as.passcode);
    if (!as.token.empty()) put("Authorization", "Bearer " + as.token);
    for (auto const& [name, value] : as.headers) put(name, value);
    return out.append("\n").append(1, '\0');
}

// "/<server>/<session>/websocket"
std::string sockjs_path(std::string const& prefix, std::uint64_t random) {
    std::string const server = std::to_string(1000 + random % 1000).substr(1);
    std::string session;
    random /= 1000;
    for (int i = 0; i < 10; ++i, random /= 26) {
        session.push_back(static_cast<char>('a' + random % 26));
    }
    return prefix + "/" + server + "/" + session + "/websocket";
}

}  // namespace

stomp_client::connection::connection(stomp_client& owner, client_loop& loop,
                                     client_listener& listener, client_options const& options)
    : loop_(loop.inside()), owner_(owner), listener_(listener), options_(options) {}

stomp_client::connection::~connection() {
    drop();
}

void stomp_client::connection::connect(endpoint const& to, credentials const& as,
                                       std::string_view source) {
    drop();
    kind_ = to.kind;
    escapes_ = true;
    beats_ = {};
    bytes_received_ = 0;
    setup_ = std::make_unique<setup>();
    setup& set = *setup_;
    set.host = to.host;
    set.tls = to.tls;
    set.connect_frame = connect_frame(options_, as);
    set.deadline = bench_clock::now() + options_.connect_timeout;
    if (kind_ != framing::tcp) {
        bool const sockjs = kind_ == framing::sockjs;
        std::string const path = sockjs ? sockjs_path(to.path, loop_.next_random()) : to.path;
        std::string const protocols =
            sockjs ? std::string() : websocket_protocols(options_.accept_version);
        set.handshake = to_text({to.host, to.port, to.tls ? 443U : 80U, path, loop_.websocket_key,
                                 protocols, as.token});
    }
    try {
        if (!source.empty()) set.source = numeric_address(source, 0);
    } catch (std::exception const& e) {
        return fail_later(std::string("source address: ") + e.what());
    }
    set.where = &loop_.addresses.find(to.host, to.port);
    set.trying = set.where->good;
    set.error = set.where->error;
    try_addresses();
}

void stomp_client::connection::try_addresses() {
    setup& set = *setup_;
    auto const& all = set.where->addresses;
    for (; set.tried < all.size(); ++set.tried, set.trying = (set.trying + 1) % all.size()) {
        auto const& to = all[set.trying];
        if (set.source && set.source->family() != to.family()) {
            if (set.error.empty()) set.error = "the source address is of another family";
            continue;
        }
        if (!stream_.connect(to, set.source ? &*set.source : nullptr, set.error)) continue;
        phase_ = phase::connecting;
        wants_write_ = true;
        loop_.join(stream_.socket(), *this, EPOLLIN | EPOLLOUT);
        loop_.timers.arm(*this, set.deadline);
        return;
    }
    fail_later(std::exchange(set.error, {}));
}

void stomp_client::connection::on_ready(std::uint32_t events) {
    switch (phase_) {
        case phase::closed:
        case phase::failing: return;
        case phase::connecting: {
            if (std::string error = stream_.connect_error(); !error.empty()) {
                setup& set = *setup_;
                set.error = std::move(error);
                ++set.tried;
                set.trying = (set.trying + 1) % set.where->addresses.size();
                loop_.leave(*this);
                marked_ = false;
                return try_addresses();
            }
            // Hung up without an error: a socket that is not connecting yet.
            if ((events & EPOLLOUT) != 0) established();
            return;
        }
        case phase::securing: return secure();
        default: break;
    }
    if ((events & EPOLLOUT) != 0) send_out();
    if (paused_) {
        if ((events & (EPOLLERR | EPOLLHUP)) == 0) return;
        std::string const error = stream_.connect_error();
        return finish(error.empty() ? "closed by the server" : error);
    }
    // TLS may wait for room to write before it reads on.
    if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0 || stream_.has_tls()) read();
}

void stomp_client::connection::established() {
    setup& set = *setup_;
    set.where->good = set.trying;
    if (!set.tls) return secured();
    try {
        stream_.open_tls(loop_.tls, set.host, options_.verify_certificate,
                         options_.certificate_authority);
    } catch (std::exception const& e) {
        return finish(e.what());
    }
    phase_ = phase::securing;
    secure();
}

void stomp_client::connection::secure() {
    std::string error;
    auto const what = stream_.shake_hands(error);
    if (what == progress::done) return secured();
    if (what == progress::failed) return finish(error);
    wants_write_ = what == progress::wants_write;
    set_interest();
}

void stomp_client::connection::secured() {
    if (kind_ == framing::tcp) {
        log_in();
    } else {
        phase_ = phase::upgrading;
        if (out_.empty()) out_ = loop_.take_buffer();
        out_.append(setup_->handshake);
    }
    send_out();
    // What came with the end of a TLS handshake wakes no epoll.
    if (stream_.has_tls()) read();
}

void stomp_client::connection::log_in() {
    phase_ = phase::logging_in;
    queue(setup_->connect_frame);
}

void stomp_client::connection::fail_later(std::string reason) {
    stream_.close();
    phase_ = phase::failing;
    setup_->error = std::move(reason);
    loop_.timers.arm(*this, bench_clock::now());
}

void stomp_client::connection::finish(std::string const& reason) {
    drop();
    listener_.on_closed(owner_, reason);
}

void stomp_client::connection::drop() noexcept {
    if (phase_ == phase::closed) return;
    ++epoch_;
    phase_ = phase::closed;
    loop_.leave(*this);
    loop_.timers.disarm(*this);
    stream_.close();
    std::string().swap(out_);
    out_sent_ = 0;
    std::string().swap(in_);
    decoder_.restart();
    frame_.reset();
    setup_.reset();
    paused_ = marked_ = read_again_ = wants_write_ = false;
}

void stomp_client::connection::close(bool politely) {
    if (politely && phase_ > phase::upgrading) {
        if (kind_ != framing::tcp) {
            append_websocket_frame(out_, opcode::close, close_payload(normal_closure, ""),
                                   next_mask());
        }
        loop_.leave(*this);
        std::string rest = out_.substr(out_sent_);
        farewell::begin(loop_, std::move(stream_), std::move(rest), kind_ == framing::tcp);
    }
    drop();
}

void stomp_client::connection::set_interest() noexcept {
    loop_.change(stream_.socket(), *this,
                 (paused_ ? 0U : static_cast<std::uint32_t>(EPOLLIN)) |
                     (wants_write_ ? static_cast<std::uint32_t>(EPOLLOUT) : 0U));
}

void stomp_client::connection::pause_reading() {
    if (paused_ || phase_ < phase::upgrading) return;
    paused_ = true;
    set_interest();
}

void stomp_client::connection::resume_reading() {
    if (!paused_) return;
    paused_ = false;
    last_received_ = bench_clock::now();
    set_interest();
    if (stream_.has_tls()) {
        read_again_ = true;
        mark();
    }
}

void stomp_client::connection::mark() {
    if (marked_) return;
    marked_ = true;
    loop_.mark(*this);
}

std::string& stomp_client::connection::compose(std::string_view command) {
    loop_.frame.assign(command).push_back('\n');
    return loop_.frame;
}

void stomp_client::connection::send_composed(std::string_view body) {
    if (phase_ != phase::connected) return;
    loop_.frame.push_back('\n');
    loop_.frame.append(body).push_back('\0');
    queue(loop_.frame);
}

void stomp_client::connection::queue(std::string_view frame) {
    if (out_.empty() && out_.capacity() <= std::string().capacity()) out_ = loop_.take_buffer();
    switch (kind_) {
        case framing::websocket:
            append_websocket_frame(out_, opcode::text, frame, next_mask());
            break;
        case framing::sockjs: {
            std::string& text = loop_.encoded;
            text.clear();
            append_sockjs_message(text, frame);
            append_websocket_frame(out_, opcode::text, text, next_mask());
            break;
        }
        case framing::tcp: out_.append(frame); break;
    }
    last_sent_ = loop_.now;
    mark();
}

void stomp_client::connection::flush() {
    marked_ = false;
    send_out();
    if (std::exchange(read_again_, false) && !paused_) read();
}

void stomp_client::connection::send_out() {
    if (phase_ < phase::upgrading) return;
    bool blocked = false;
    while (unsent() > 0 && !blocked) {
        std::string error;
        auto const moved = stream_.write(std::string_view(out_).substr(out_sent_), error);
        out_sent_ += moved.bytes;
        if (moved.what == progress::done) continue;
        blocked = true;
        // Why it failed is told by reading, after what the server had to say before.
        if (moved.what == progress::failed || moved.what == progress::ended)
            out_sent_ = out_.size();
    }
    bool const wants_write = unsent() > 0;
    if (!wants_write && out_.capacity() > std::string().capacity()) {
        loop_.give_back(std::exchange(out_, std::string()));
        out_sent_ = 0;
    }
    if (wants_write != wants_write_) {
        wants_write_ = wants_write;
        set_interest();
    }
}

void stomp_client::connection::arm(bench_clock::time_point now) {
    auto next = bench_clock::time_point::max();
    if (beats_.send_every.count() > 0) next = last_sent_ + beats_.send_every;
    if (beats_.expect_every.count() > 0) {
        // While nothing is read, nothing is missed.
        next = std::min(next, (paused_ ? now : last_received_) + beats_.patience());
    }
    if (next != bench_clock::time_point::max()) loop_.timers.arm(*this, next);
}

void stomp_client::connection::beat(bench_clock::time_point now) {
    if (beats_.expect_every.count() > 0 && !paused_ && now - last_received_ >= beats_.patience()) {
        return finish("heart-beat missed: the server was silent for " +
                      std::to_string(beats_.patience().count()) + " ms");
    }
    if (beats_.send_every.count() > 0 && now - last_sent_ >= beats_.send_every) queue("\n");
    arm(now);
}

void stomp_client::connection::on_time(bench_clock::time_point now) {
    switch (phase_) {
        case phase::closed: return;
        case phase::failing: {
            std::string const reason = std::exchange(setup_->error, {});
            return finish(reason);
        }
        case phase::connecting: return finish("timed out while connecting");
        case phase::securing: return finish("timed out in the TLS handshake");
        case phase::upgrading: return finish("timed out in the WebSocket handshake");
        case phase::opening: return finish("timed out waiting for SockJS to open");
        case phase::logging_in: return finish("timed out waiting for CONNECTED");
        case phase::connected: return beat(now);
    }
}

}  // namespace bench
