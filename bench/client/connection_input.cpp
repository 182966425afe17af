#include "bench/client/connection.hpp"

#include "bench/client/connection_setup.hpp"
#include "bench/client/sockjs_codec.hpp"
#include "bench/client/stomp_frame.hpp"
#include "bench/client/websocket_handshake.hpp"

#include <cstring>
#include <span>
#include <utility>

namespace bench {
namespace {

constexpr std::size_t response_limit = std::size_t{64} * 1024;
constexpr std::size_t frame_limit = websocket_frame_limit;

}  // namespace

void stomp_client::connection::read() {
    for (;;) {
        std::span<char> const input(loop_.input);
        // What is left of the last read goes before what is read now, so that frames are whole
        // where they lie; a big one grows in `in_`.
        bool const big = in_.size() > input.size() / 2;
        std::size_t const before = big ? 0 : in_.size();
        std::string error;
        auto const moved = stream_.read(input.subspan(before), error);
        switch (moved.what) {
            case progress::done: break;
            case progress::ended: return finish("closed by the server");
            case progress::failed: return finish(error);
            case progress::wants_write: wants_write_ = true; return set_interest();
            case progress::wants_read: return;
        }
        bytes_received_ += moved.bytes;
        last_received_ = loop_.now;
        auto const epoch = epoch_;
        std::string grown;
        std::string_view bytes;
        if (big) {
            grown = std::exchange(in_, std::string());
            grown.append(input.data(), moved.bytes);
            bytes = grown;
        } else {
            if (before > 0) {
                std::memcpy(input.data(), in_.data(), before);
                std::string().swap(in_);
            }
            bytes = std::string_view(input.data(), before + moved.bytes);
        }
        take(bytes);
        if (epoch != epoch_) return;
        if (big && bytes.size() == grown.size()) {
            in_ = std::move(grown);
        } else if (!bytes.empty()) {
            in_.assign(bytes);
        }
        if (in_.size() > frame_limit + input.size()) return finish("a frame over 64 MiB");
        if (!stream_.has_tls() || paused_) return;
    }
}

void stomp_client::connection::take(std::string_view& bytes) {
    if (phase_ == phase::upgrading && !take_handshake(bytes)) return;
    if (kind_ == framing::tcp) {
        take_tcp(bytes);
    } else {
        take_websocket(bytes);
    }
}

bool stomp_client::connection::take_handshake(std::string_view& bytes) {
    auto const end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos) {
        if (bytes.size() > response_limit) finish("the WebSocket handshake's answer has no end");
        return false;
    }
    std::string const refusal = handshake_refusal(bytes.substr(0, end), loop_.websocket_accept);
    if (!refusal.empty()) {
        finish(refusal);
        return false;
    }
    bytes.remove_prefix(end + 4);
    if (kind_ == framing::sockjs) {
        phase_ = phase::opening;
    } else {
        log_in();
    }
    return true;
}

void stomp_client::connection::take_websocket(std::string_view& bytes) {
    auto const epoch = epoch_;
    while (epoch == epoch_) {
        auto const [what, payload] = decoder_.next(bytes);
        switch (what) {
            case websocket_event::message: on_websocket_message(payload); break;
            case websocket_event::more: return;
            case websocket_event::ping:
                append_websocket_frame(out_, opcode::pong, payload, next_mask());
                mark();
                break;
            case websocket_event::pong: break;
            case websocket_event::close: {
                std::string const reason = "closed by the server: " + describe_close(payload);
                // Its code goes back to it (RFC 6455, 5.5.1); the server ends the connection then.
                append_websocket_frame(out_, opcode::close, payload.substr(0, 2), next_mask());
                send_out();
                return finish(reason);
            }
            case websocket_event::broken:
                return finish("broken WebSocket: " + std::string(payload));
        }
    }
}

void stomp_client::connection::take_tcp(std::string_view& bytes) {
    auto const epoch = epoch_;
    std::string_view frame;
    while (epoch == epoch_ && take_frame(bytes, frame)) on_frame(frame);
}

void stomp_client::connection::on_websocket_message(std::string_view message) {
    if (kind_ == framing::sockjs) {
        on_sockjs_message(message);
    } else {
        on_stomp_bytes(message);
    }
}

void stomp_client::connection::on_sockjs_message(std::string_view message) {
    std::string_view content;
    switch (read_sockjs_frame(message, content)) {
        case sockjs_frame::open:
            if (phase_ == phase::opening) log_in();
            return;
        case sockjs_frame::heart_beat:
        case sockjs_frame::nothing: return;
        case sockjs_frame::close:
            return finish("closed by the server: SockJS " + describe_sockjs_close(content));
        case sockjs_frame::broken: return finish("broken SockJS: an unknown frame");
        case sockjs_frame::messages: break;
    }
    auto const epoch = epoch_;
    json_strings texts(content);
    while (auto const text = texts.next(loop_.decoded)) {
        on_stomp_bytes(*text);
        if (epoch != epoch_) return;
    }
    if (texts.broken()) finish("broken SockJS: not an array of strings");
}

void stomp_client::connection::on_stomp_bytes(std::string_view bytes) {
    std::string_view frame;
    if (frame_ == nullptr) {
        if (is_one_frame(bytes, frame)) return on_frame(frame);
        if (is_heart_beat(bytes)) return;
        // Several frames in a message, a NUL in a body, or a frame over several messages.
        frame_ = std::make_unique<std::string>();
    }
    auto const epoch = epoch_;
    auto const whole = std::move(frame_);
    whole->append(bytes);
    std::string_view rest = *whole;
    while (take_frame(rest, frame)) {
        on_frame(frame);
        if (epoch != epoch_) return;
    }
    if (rest.size() > frame_limit) return finish("a frame over 64 MiB");
    if (!rest.empty()) frame_ = std::make_unique<std::string>(rest);
}

void stomp_client::connection::on_frame(std::string_view frame) {
    switch (command_of(frame)) {
        case server_command::message: return listener_.on_message(owner_, frame_view(frame));
        case server_command::receipt:
            return listener_.on_receipt(owner_, header_of(frame, "receipt-id"));
        case server_command::connected: return on_connected_frame(frame);
        case server_command::error: return listener_.on_error(owner_, frame_view(frame));
        case server_command::unknown: return finish("broken STOMP: a frame that no server sends");
    }
}

void stomp_client::connection::on_connected_frame(std::string_view frame) {
    if (phase_ != phase::logging_in) return finish("broken STOMP: an unexpected CONNECTED");
    phase_ = phase::connected;
    setup_.reset();
    auto const version = header_of(frame, "version");
    escapes_ = !version.empty() && version != "1.0";
    beats_ = negotiate_heart_beats(options_.heart_beat_send, options_.heart_beat_receive,
                                   header_of(frame, "heart-beat"));
    loop_.timers.disarm(*this);
    arm(loop_.now);
    auto const epoch = epoch_;
    listener_.on_welcome(owner_, frame_view(frame));
    if (epoch == epoch_) listener_.on_connected(owner_);
}

}  // namespace bench
