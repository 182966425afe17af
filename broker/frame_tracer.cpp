#include "broker/frame_tracer.hpp"

#include "broker/message.hpp"
#include "broker/peer/stomp_peer.hpp"
#include "stomp/command.hpp"
#include "stomp/escape.hpp"

#include <algorithm>
#include <deque>
#include <string>

namespace broker {
namespace {

bool is_connect(stomp::frame const& frame) {
    return stomp::is_handshake(frame.command);
}

bool wants(frame_trace const& trace, stomp_peer const& by, std::string_view login,
           std::string_view destination) {
    if (!trace.destination.empty()) return trace.destination == destination;
    return by.is_of(trace.user) || login == trace.user;
}

// A frame of ours, read again.
class sent_frame {
public:
    sent_frame(stomp::version version, std::string_view head, std::string_view tail) {
        std::string_view part = head.empty() ? tail : head;
        command_ = take_line(part);
        // CONNECTED is never escaped.
        bool const escaped = command_ != stomp::to_string(stomp::command::connected);
        read_headers(part, escaped ? version : stomp::version::v1_0);
        if (!head.empty() && part.empty()) {
            part = tail;
            read_headers(part, version);
        }
        body_bytes_ = part.empty() ? 0 : part.size() - 1;  // without its NUL
    }

    std::string_view command() const { return command_; }
    std::span<stomp::header_view const> headers() const { return headers_; }
    std::size_t body_bytes() const { return body_bytes_; }
    std::string_view get(std::string_view name) const {
        auto const found = std::ranges::find(headers_, name, &stomp::header_view::name);
        return found == headers_.end() ? std::string_view() : found->value;
    }

private:
    static std::string_view take_line(std::string_view& text) {
        auto const end = text.find('\n');
        auto const line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        return line;
    }

    // Up to the empty line, or the end of `text`.
    void read_headers(std::string_view& text, stomp::version version) {
        while (!text.empty()) {
            auto const line = take_line(text);
            if (line.empty()) return;
            auto const colon = line.find(':');
            headers_.push_back({plain(line.substr(0, colon), version),
                                colon == std::string_view::npos
                                    ? std::string_view()
                                    : plain(line.substr(colon + 1), version)});
        }
    }

    std::string_view plain(std::string_view text, stomp::version version) {
        if (text.find('\\') == std::string_view::npos ||
            stomp::has_undefined_escape(text, version) || version == stomp::version::v1_0) {
            return text;
        }
        auto& copy = unescaped_.emplace_back(text);
        return stomp::unescape_in_place(copy.data(), copy.size(), version);
    }

    std::string_view command_;
    std::vector<stomp::header_view> headers_;
    std::deque<std::string> unescaped_;  // what the headers point to does not move
    std::size_t body_bytes_ = 0;
};

}  // namespace

bool frame_tracer::remove(frame_trace const& what) {
    std::erase_if(traces_, [&what](auto const& each) { return each.get() == &what; });
    return !traces_.empty();
}

void frame_tracer::on_received(stomp_peer const& by, stomp::frame const& frame) const {
    auto const login = is_connect(frame) ? frame.get("login") : std::string_view();
    for (auto const& each : traces_) {
        if (!wants(*each, by, login, frame.get("destination"))) continue;
        each->to->on_frame({.session = by.session_id(),
                            .user = by.user(),
                            .incoming = true,
                            .command = stomp::to_string(frame.command),
                            .headers = frame.headers,
                            .body_bytes = frame.body.size()});
    }
}

void frame_tracer::on_sent(stomp_peer const& to, stomp::version version, std::string_view head,
                           std::string_view tail) const {
    sent_frame const frame(version, head, tail);
    for (auto const& each : traces_) {
        if (!wants(*each, to, {}, frame.get("destination"))) continue;
        each->to->on_frame({.session = to.session_id(),
                            .user = to.user(),
                            .incoming = false,
                            .command = frame.command(),
                            .headers = frame.headers(),
                            .body_bytes = frame.body_bytes()});
    }
}

void frame_tracer::on_delivery(routing::subscription const& to, message const& what) {
    // Every subscription of a shard is one of a peer's.
    auto const& owner = static_cast<stomp_peer const&>(*to.owner);
    bool const wanted = std::ranges::any_of(
        traces_, [&](auto const& each) { return wants(*each, owner, {}, what.destination()); });
    if (wanted) on_sent(owner, to.version, to.head->bytes(), what.tail(to.version));
}

}  // namespace broker
