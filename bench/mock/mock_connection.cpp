#include "bench/mock/mock_connection.hpp"

#include "bench/client/farewell.hpp"
#include "bench/client/sockjs_codec.hpp"
#include "bench/client/stomp_frame.hpp"
#include "bench/client/websocket_codec.hpp"
#include "bench/client/websocket_handshake.hpp"

#include <algorithm>
#include <utility>

namespace bench {
namespace {

bool is_command(std::string_view frame, std::string_view name) noexcept {
    auto const end = frame.find_first_of("\r\n");
    return frame.substr(0, end) == name;
}

// "/ws/<server>/<session>/websocket"
bool is_sockjs(std::string_view path) noexcept {
    return path.starts_with("/ws/") && path.ends_with("/websocket") &&
           std::ranges::count(path, '/') == 4;
}

// A subscriber's /user/queue/NAME, and what others send to for it, /user/WHO/queue/NAME; any other
// destination is its own place.
std::string place_of(std::string_view destination, std::string_view subscriber) {
    constexpr std::string_view users = "/user/";
    if (subscriber.empty() || !destination.starts_with(users)) return std::string(destination);
    std::string out(users);
    return out.append(subscriber).append("/").append(destination.substr(users.size()));
}

// Whether one of them, between commas, is a version of STOMP that there is.
bool is_known_version(std::string_view accepted) noexcept {
    return accepted.find("1.0") != std::string_view::npos ||
           accepted.find("1.1") != std::string_view::npos ||
           accepted.find("1.2") != std::string_view::npos;
}

}  // namespace

mock_connection::mock_connection(mock_server& server, std::uint64_t number, int socket)
    : server_(server), loop_(server.loop_.inside()), number_(number), stream_(socket) {
    loop_.join(socket, *this, EPOLLIN);
}

mock_connection::~mock_connection() {
    loop_.leave(*this);
}

void mock_connection::mark() {
    if (marked_ || ended_) return;
    marked_ = true;
    loop_.mark(*this);
}

void mock_connection::send(std::string_view frame) {
    if (ended_) return;
    if (manner_ == manner::tcp) {
        out_.append(frame);
    } else if (manner_ == manner::websocket) {
        append_websocket_frame(out_, opcode::text, frame, 0);
    } else {
        std::string text = "a";
        append_sockjs_message(text, frame);
        append_websocket_frame(out_, opcode::text, text, 0);
    }
    mark();
}

void mock_connection::cut() {
    if (std::exchange(ended_, true)) return;
    loop_.leave(*this);
    farewell::begin(loop_, std::move(stream_), std::exchange(out_, std::string()), true);
    server_.end(number_);
}

void mock_connection::flush() {
    marked_ = false;
    std::size_t sent = 0;
    while (!ended_ && sent < out_.size()) {
        std::string error;
        auto const moved = stream_.write(std::string_view(out_).substr(sent), error);
        sent += moved.bytes;
        if (moved.what != progress::done) break;
    }
    out_.erase(0, sent);
    if (ended_ || wants_write_ == !out_.empty()) return;
    wants_write_ = !out_.empty();
    loop_.change(stream_.socket(), *this, wants_write_ ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void mock_connection::on_ready(std::uint32_t events) {
    if (ended_) return;
    if ((events & EPOLLOUT) != 0) flush();
    if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) == 0) return;
    std::string error;
    auto const moved = stream_.read(loop_.input, error);
    if (moved.what == progress::ended || moved.what == progress::failed) return cut();
    in_.append(loop_.input.data(), moved.bytes);
    std::string const bytes = std::exchange(in_, std::string());
    std::string_view rest = bytes;
    take(rest);
    in_ = rest;
}

void mock_connection::take(std::string_view& bytes) {
    if (manner_ == manner::unknown) {
        if (bytes.size() < 4) return;
        if (!bytes.starts_with("GET ")) {
            manner_ = manner::tcp;
        } else if (!take_request(bytes)) {
            return;
        }
    }
    if (manner_ == manner::tcp) {
        on_stomp_bytes(bytes);
        bytes = {};
    } else {
        take_websocket(bytes);
    }
}

bool mock_connection::take_request(std::string_view& bytes) {
    auto const end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos) return false;
    std::string_view const head = bytes.substr(0, end);
    std::string_view path = head.substr(4);
    path = path.substr(0, path.find_first_of(" ?"));
    auto const key = http_field(head, "sec-websocket-key");
    if (path.starts_with("/api/")) {
        ++server_.done_.pages;
        out_ =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
            "Connection: close\r\n\r\n[]";
        cut();
        return false;
    }
    bool const sockjs = is_sockjs(path);
    if ((path != "/ws" && !sockjs) || key.empty()) {
        out_ = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        cut();
        return false;
    }
    manner_ = sockjs ? manner::sockjs : manner::websocket;
    out_ =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
        websocket_accept_of(key) + "\r\n";
    auto const protocols = http_field(head, "sec-websocket-protocol");
    if (!protocols.empty()) {
        out_.append("Sec-WebSocket-Protocol: ");
        out_.append(protocols.substr(0, protocols.find(','))).append("\r\n");
    }
    out_.append("\r\n");
    if (sockjs) append_websocket_frame(out_, opcode::text, "o", 0);
    mark();
    bytes.remove_prefix(end + 4);
    return true;
}

void mock_connection::take_websocket(std::string_view& bytes) {
    websocket_head head;
    while (!ended_ && read_websocket_head(bytes, head) &&
           bytes.size() - head.head_bytes >= head.payload_bytes) {
        std::string payload(bytes.substr(head.head_bytes, head.payload_bytes));
        apply_mask(payload.data(), payload.size(), head.mask);
        bytes.remove_prefix(head.head_bytes + static_cast<std::size_t>(head.payload_bytes));
        switch (head.what) {
            case opcode::close:
                append_websocket_frame(out_, opcode::close, payload, 0);
                return cut();
            case opcode::ping:
                append_websocket_frame(out_, opcode::pong, payload, 0);
                mark();
                break;
            case opcode::pong: break;
            default:
                message_.append(payload);
                if (head.last) on_text(std::exchange(message_, std::string()));
        }
    }
}

void mock_connection::on_text(std::string_view text) {
    if (manner_ == manner::websocket) return on_stomp_bytes(text);
    std::string scratch;
    json_strings strings(text);
    while (auto const next = strings.next(scratch)) on_stomp_bytes(*next);
    if (strings.broken()) cut();
}

void mock_connection::on_stomp_bytes(std::string_view bytes) {
    if (is_heart_beat(bytes)) {
        ++server_.done_.heart_beats_received;
        return;
    }
    stomp_.append(bytes);
    std::string const whole = std::exchange(stomp_, std::string());
    std::string_view rest = whole;
    std::string_view frame;
    while (!ended_ && take_frame(rest, frame)) on_frame(frame);
    stomp_ = rest;
}

void mock_connection::on_frame(std::string_view frame) {
    if (is_command(frame, "CONNECT") || is_command(frame, "STOMP")) return on_connect(frame);
    if (!logged_in_) return fail(frame, "CONNECT must come first");
    if (is_command(frame, "SEND")) return on_send(frame);
    if (is_command(frame, "SUBSCRIBE")) {
        auto const destination = header_of(frame, "destination");
        server_.subscribe(number_, header_of(frame, "id"), destination,
                          place_of(destination, user_));
    } else if (is_command(frame, "UNSUBSCRIBE")) {
        server_.unsubscribe(number_, header_of(frame, "id"));
    } else if (is_command(frame, "DISCONNECT")) {
        return on_disconnect(frame);
    }
    if (!server_.wrong_.spring) give_receipt(frame);
}

void mock_connection::on_disconnect(std::string_view frame) {
    if (server_.wrong_.spring && header_of(frame, "receipt").empty()) {
        return fail(frame, "Session closed.");
    }
    give_receipt(frame);
}

void mock_connection::on_connect(std::string_view frame) {
    auto const every = server_.wrong_.refuse_every;
    if (every != 0 && ++server_.connects_ % every == 0) {
        ++server_.done_.refused;
        return fail(frame, "refused on purpose");
    }
    bool const spring = server_.wrong_.spring;
    if (spring && !is_known_version(header_of(frame, "accept-version"))) return;
    logged_in_ = true;
    ++server_.done_.connections;
    auto const period = server_.wrong_.heart_beat;
    auto const milliseconds = std::to_string(period.count());
    std::string connected =
        "CONNECTED\nversion:1.2\nheart-beat:" + milliseconds + "," + milliseconds + "\n";
    if (spring) {
        auto const login = header_of(frame, "login");
        user_ = login.empty() ? "session-" + std::to_string(number_) : std::string(login);
        connected.append("user-name:" + user_ + "\n\n");
    } else {
        connected.append("server:stampede-bench-mock\n\n");
    }
    connected.push_back('\0');
    send(connected);
    if (period.count() > 0 && !server_.wrong_.mute) beat();
}

void mock_connection::beat() {
    server_.loop_.at(bench_clock::now() + server_.wrong_.heart_beat,
                     [&server = server_, alive = server_.alive_, number = number_] {
                         if (!*alive) return;
                         auto const found = server.connections_.find(number);
                         if (found == server.connections_.end()) return;
                         found->second->send("\n");
                         found->second->beat();
                     });
}

void mock_connection::on_send(std::string_view frame) {
    if (++server_.done_.sends == 1 && server_.wrong_.stall.count() > 0) server_.stall_later();
    auto const every = server_.wrong_.error_every;
    if (every != 0 && server_.done_.sends % every == 0) {
        ++server_.done_.errors;
        return fail(frame, "an error on purpose");
    }
    server_.take(header_of(frame, "destination"), header_of(frame, "content-type"), body_of(frame));
    if (!server_.wrong_.spring) give_receipt(frame);
}

void mock_connection::give_receipt(std::string_view frame) {
    auto const receipt = header_of(frame, "receipt");
    if (receipt.empty()) return;
    auto const every = server_.wrong_.no_receipt_every;
    auto const from = server_.wrong_.no_receipt_from;
    auto const number = ++server_.receipts_asked_;
    if ((every != 0 && number % every == 0) || (from != 0 && number >= from)) {
        ++server_.done_.receipts_withheld;
        return;
    }
    ++server_.done_.receipts;
    std::string answer = "RECEIPT\nreceipt-id:";
    answer.append(receipt).append("\n\n").push_back('\0');
    send(answer);
}

void mock_connection::fail(std::string_view frame, std::string_view why) {
    std::string error = "ERROR\nmessage:";
    error.append(why).append("\n");
    auto const receipt = header_of(frame, "receipt");
    if (!receipt.empty()) error.append("receipt-id:").append(receipt).append("\n");
    error.append("\n").push_back('\0');
    send(error);
    if (manner_ != manner::tcp) {
        append_websocket_frame(out_, opcode::close, close_payload(1002, why), 0);
    }
    cut();
}

}  // namespace bench
