#include "broker/transport/http_connection.hpp"

#include "broker/transport/connection_host.hpp"
#include "broker/transport/http_exchange.hpp"
#include "broker/transport/http_tokens.hpp"

#include <chrono>
#include <exception>
#include <utility>

namespace broker::transport {
namespace {

bool asks_for_close(std::vector<http_header> const& headers) {
    for (auto const& header : headers) {
        if (equal_ignoring_case(header.name, "connection") &&
            list_contains(header.value, "close")) {
            return true;
        }
    }
    return false;
}

}  // namespace

http_connection::http_connection(connection_host& host, byte_stream stream, peer_address peer,
                                 http_routes const& routes)
    : connection(host, std::move(stream)), routes_(routes), peer_(peer) {}

http_connection::~http_connection() {
    queue_.clear(host().queues());
}

void http_connection::open() {
    // From the first byte on it is a request's deadline; a client that never sends one is as slow.
    set_deadline(home().now() + host().shared().http.header_deadline);
}

void http_connection::continue_with(
    http_request request, http_route_group group, bool keep_alive, std::string input,
    std::function<void(std::shared_ptr<http_exchange>)> const& handler) {
    group_ = group;
    input_ = std::move(input);
    input_left_ = !input_.empty() || stream().may_hold_input();
    keep_alive_ = keep_alive;
    fresh_ = false;  // the request that it comes with
    schedule_flush();
    dispatch(handler, std::move(request));
}

void http_connection::on_ready(std::uint32_t events) {
    if (ended()) return;
    if ((events & EPOLLOUT) != 0) {
        writable_again();
        schedule_flush();
    }
    bool const broken = (events & (EPOLLERR | EPOLLHUP)) != 0;
    if (phase_ == phase::answering || phase_ == phase::sending) {
        if (broken) return lose();
        // The peer has closed its side. While an answer is being made nobody waits for it any
        // more: browsers and balancers do that when a request is abandoned.
        if ((events & EPOLLRDHUP) != 0 && phase_ == phase::answering) lose();
        return;
    }
    if (((events & EPOLLIN) != 0 || broken) && !input_left_) read_input();
}

void http_connection::read_input() {
    auto& buffer = home().read_buffer();
    auto const got = read(buffer);
    if (got.bytes > 0) take({buffer.data(), got.bytes});
    if (ended()) return;
    if (got.status == io_status::ended || got.status == io_status::failed) {
        // An answer under way goes out first; the write, or the watch, tells if nobody is there.
        if (phase_ != phase::answering && phase_ != phase::sending) return lose();
        if (got.status == io_status::failed) return lose();
        close_when_sent();
        return;
    }
    if (stream().may_hold_input()) {
        if (got.status == io_status::done) {
            input_left_ = true;
            schedule_flush();
        }
        if (stream().read_waits_for_write()) schedule_flush();
    }
}

void http_connection::take(std::span<char const> bytes) {
    if (phase_ == phase::lingering) return;
    if (!input_.empty()) {
        // The beginning of a header, or pipelined requests: rare, and bounded by the read buffer
        // and the header limit.
        input_.append(bytes.data(), bytes.size());
        return take_kept();
    }
    if (phase_ >= phase::answering) {
        input_.assign(bytes.data(), bytes.size());
        input_left_ = true;
        return;
    }
    auto rest = bytes;
    if (phase_ == phase::idle) {
        // Empty lines before a request are to be ignored (RFC 9112 §2.2).
        while (!rest.empty() && (rest.front() == '\r' || rest.front() == '\n')) {
            rest = rest.subspan(1);
        }
        if (rest.empty()) return;
        phase_ = phase::header;
        fresh_ = false;
        keep_alive_ = true;
        set_deadline(home().now() + host().shared().http.header_deadline);
    }
    auto const& limits = host().shared().http;
    if (parser_ == nullptr) {
        parser_ = std::make_unique<http_parser>(limits.header_bytes, limits.body_bytes);
    }
    auto const status = parser_->feed(rest);
    // What the parser has not used is kept before anything else happens: the handler may move the
    // connection, or change what it is.
    input_.assign(rest.data(), rest.size());
    switch (status) {
        case http_parser::status::need_header: return;
        case http_parser::status::need_body:
            if (phase_ == phase::header) {
                phase_ = phase::body;
                set_deadline(home().now() + limits.body_deadline);
            }
            if (parser_->take_expectation()) push("HTTP/1.1 100 Continue\r\n\r\n");
            return;
        case http_parser::status::failed: return refuse(parser_->fault());
        case http_parser::status::complete: return request_complete();
    }
}

void http_connection::take_kept() {
    auto const input = std::exchange(input_, {});
    take(input);
}

void http_connection::request_complete() {
    input_left_ = !input_.empty() || stream().may_hold_input();
    keep_alive_ = parser_->keep_alive() && !host().draining();
    auto request = parser_->take();
    parser_.reset();
    request.peer_address = peer_.text();
    request.secure = stream().secure();
    request.id = request_id_for(request);
    if (request.path.empty() || (request.path.front() != '/' && request.path != "*")) {
        return refuse(
            {400, "malformed_request", "The request is malformed. Its target is no path."});
    }
    auto const& route = routes_.find(request.path);
    group_ = route.group;
    dispatch(route.handler, std::move(request));
}

void http_connection::dispatch(http_handler const& handler, http_request request) {
    phase_ = phase::answering;
    cancel_deadline();
    version_10_ = request.version == 10;
    is_head_ = request.method == "HEAD";
    streaming_ = false;
    exchange_ = std::make_shared<connection_exchange>(*this, std::move(request));
    schedule_flush();
    auto const exchange = exchange_;
    if (exchange->wrong_websocket_version()) {
        auto response =
            to_response({426, "websocket_version", "WebSocket version 13 is spoken here."});
        response.headers.push_back({"Sec-WebSocket-Version", "13"});
        return exchange->respond(std::move(response));
    }
    try {
        handler(exchange);
    } catch (std::exception const&) {
        if (!exchange->answerable()) return;
        if (streaming_) return drop();
        exchange->respond(
            to_response({500, "internal_error", "The node failed to answer this request."}));
    }
}

// A request that is none gets an answer, and the connection ends: where the next one would begin is
// unknown.
void http_connection::refuse(http_fault const& fault) {
    auto answer = to_response(fault);
    parser_.reset();
    group_ = http_route_group::other;
    phase_ = phase::answering;
    version_10_ = false;
    is_head_ = false;
    streaming_ = false;
    close_when_sent();
    respond(std::move(answer));
}

std::string http_connection::head(unsigned status, std::vector<http_header> const& headers,
                                  bool body_known, std::size_t body_bytes) {
    count_answer(status);
    http_head_options options;
    options.version = version_10_ ? 10 : 11;
    if (body_known && http_status_has_body(status)) options.content_length = body_bytes;
    options.chunked = chunked_ && !body_known;
    options.date = host().http_date();
    if (asks_for_close(headers) || host().draining()) close_when_sent();
    if (!keep_alive_) {
        options.connection = http_connection_header::close;
    } else if (version_10_) {
        options.connection = http_connection_header::keep_alive;
    }
    return http_head(status, headers, options);
}

void http_connection::count_answer(unsigned status) {
    std::optional<std::chrono::duration<double>> took;
    if (exchange_ != nullptr) took = exchange_->age();
    home().metrics().answered(group_, status, took);
}

void http_connection::push(std::string bytes) {
    queue_.push(host().queues(), {make_payload(std::move(bytes)), {}, outbound_kind::raw});
    schedule_flush();
}

void http_connection::respond(http_response response) {
    if (streaming_) return;
    bool const fixed = !response.static_body.empty();
    auto const size = fixed ? response.static_body.size() : response.body.size();
    auto front = make_payload(head(response.status, response.headers, true, size));
    payload_ref body;
    if (size > 0 && !is_head_ && http_status_has_body(response.status)) {
        body = fixed ? payload_ref(new payload(response.static_body, nullptr))
                     : make_payload(std::move(response.body));
    }
    queue_.push(host().queues(), {std::move(front), std::move(body), outbound_kind::raw});
    answer_complete();
}

void http_connection::start_stream(http_response const& response) {
    if (std::exchange(streaming_, true)) return;
    body_wanted_ = !is_head_ && http_status_has_body(response.status);
    chunked_ = body_wanted_ && !version_10_;
    // Without chunks only the end of the connection can say where the body ends.
    if (body_wanted_ && !chunked_) close_when_sent();
    push(head(response.status, response.headers, false, 0));
}

void http_connection::write(std::string piece) {
    if (!streaming_ || !body_wanted_ || piece.empty()) return;
    if (!chunked_) return push(std::move(piece));
    auto front = make_payload(http_chunk_front(piece.size()));
    piece += "\r\n";
    queue_.push(host().queues(),
                {std::move(front), make_payload(std::move(piece)), outbound_kind::raw});
    schedule_flush();
}

void http_connection::finish() {
    if (!streaming_) return;
    if (body_wanted_ && chunked_) push("0\r\n\r\n");
    answer_complete();
}

void http_connection::answer_complete() {
    phase_ = phase::sending;
    schedule_flush();
    // Last: this may be the last reference to the exchange, in whose function we are.
    take_exchange();
}

std::shared_ptr<connection_exchange> http_connection::take_exchange() {
    auto exchange = std::move(exchange_);
    if (exchange != nullptr) exchange->detach();
    return exchange;
}

void http_connection::drop() {
    auto const exchange = take_exchange();
    end();
}

void http_connection::terminate() {
    lose();
}

void http_connection::drain() {
    // A client that has just come sends its request any moment, and one that is idle may have sent
    // the next one already.
    if (phase_ == phase::idle && !fresh_) {
        read_input();
        if (phase_ == phase::idle) return lose();
    }
    close_when_sent();
}

// The peer is gone, or as good as that.
void http_connection::lose() {
    auto const exchange = std::move(exchange_);
    end();
    if (exchange != nullptr) exchange->abort();
}

void http_connection::flush() {
    if (!flush_begins()) return;
    auto const before = queue_.bytes();
    if (!write_batch(queue_)) return lose();
    if (!queue_.empty()) {
        if (!blocked()) {
            schedule_flush();
        } else if (!stalled_ || queue_.bytes() < before) {
            stalled_ = true;
            set_deadline(home().now() + host().shared().http.stall_deadline);
        }
    } else {
        if (std::exchange(stalled_, false)) cancel_deadline();
        if (phase_ == phase::sending) sent();
        if (auto const exchange = exchange_) exchange->drained();
        if (ended()) return;
    }
    go_on_reading();
    if (!ended()) watch_what_matters();
}

// The answer is out: the next request, or the end.
void http_connection::sent() {
    if (!keep_alive_ || host().draining()) {
        phase_ = phase::lingering;
        input_left_ = false;
        stream().end_writing();
        return set_deadline(home().now() + linger_deadline);
    }
    phase_ = phase::idle;
    set_deadline(home().now() + host().shared().http.idle_deadline);
}

// No readiness of the socket tells of what has been read already.
void http_connection::go_on_reading() {
    if (!input_left_ || phase_ > phase::body) return;
    input_left_ = false;
    if (phase_ == phase::idle && !input_.empty()) take_kept();
    if (!ended() && phase_ <= phase::body && stream().may_hold_input()) read_input();
}

void http_connection::watch_what_matters() {
    std::uint32_t events = 0;
    switch (phase_) {
        case phase::idle:
        case phase::header:
        case phase::body:
        case phase::lingering: events = watch_input; break;
        case phase::answering: events = watch_peer_end; break;
        case phase::sending: break;
    }
    if (blocked() || stream().read_waits_for_write()) events |= watch_output;
    watch(events);
}

void http_connection::on_deadline(steady_time) {
    if (ended()) return;
    if (stalled_ || phase_ == phase::idle || phase_ == phase::lingering) return lose();
    if (phase_ == phase::body || (phase_ == phase::header && parser_ != nullptr)) {
        return refuse(
            {408, "request_timeout", "The request was not complete in the time that it has."});
    }
    lose();
}

}  // namespace broker::transport
