#pragma once

#include "broker/transport/connection.hpp"
#include "broker/transport/connection_host.hpp"
#include "broker/transport/http.hpp"
#include "broker/transport/http_answer.hpp"
#include "broker/transport/http_fault.hpp"
#include "broker/transport/http_parser.hpp"
#include "broker/transport/outbound_queue.hpp"
#include "broker/transport/peer_address.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

// One HTTP/1 connection: requests one after the other, each answered before the next is read. The
// parser exists during a request only; what is pipelined behind it waits in `input_`, and the
// socket is not read meanwhile.

namespace broker::transport {

class connection_exchange;

class http_connection final : public connection {
public:
    http_connection(connection_host& host, byte_stream stream, peer_address peer,
                    http_routes const& routes);
    ~http_connection() override;

    // Its first deadline; once, after the host has taken the connection.
    void open();
    // Instead of open(): goes on with a request that another shard has read.
    void continue_with(http_request request, http_route_group group, bool keep_alive,
                       std::string input,
                       std::function<void(std::shared_ptr<http_exchange>)> const& handler);

    void on_ready(std::uint32_t events) override;
    void on_deadline(steady_time now) override;
    void flush() override;
    void terminate() override;
    void drain() override;

    // For the exchange.
    void respond(http_response response);
    void start_stream(http_response const& head);
    void write(std::string piece);
    void finish();
    std::size_t queued_bytes() const { return queue_.bytes(); }
    void accept_websocket(std::string_view subprotocol, websocket_options const& options,
                          std::unique_ptr<websocket_handler> handler);
    void drop();
    void move_to_shard(std::size_t shard,
                       std::function<void(std::shared_ptr<http_exchange>)> handler);
    loop& shard_loop() { return home(); }
    std::size_t shard_count();
    std::function<void(answered_request const&)> const& on_answered() {
        return host().shared().on_answered;
    }

private:
    enum class phase : std::uint8_t {
        idle,    // between two requests
        header,  // a request has begun
        body,
        answering,  // the exchange is with its handler
        sending,    // the answer is complete and on its way
        lingering,  // half-closed: what comes is thrown away until the peer closes too
    };

    void read_input();
    void take(std::span<char const> bytes);
    void take_kept();
    void dispatch(http_handler const& handler, http_request request);
    void request_complete();
    void refuse(http_fault const& fault);
    std::string head(unsigned status, std::vector<http_header> const& headers, bool body_known,
                     std::size_t body_bytes);
    void count_answer(unsigned status);
    void push(std::string bytes);
    void answer_complete();
    void sent();
    void go_on_reading();
    void close_when_sent() noexcept { keep_alive_ = false; }
    void lose();
    std::shared_ptr<connection_exchange> take_exchange();
    void watch_what_matters();

    http_routes const& routes_;
    std::unique_ptr<http_parser> parser_;
    std::shared_ptr<connection_exchange> exchange_;
    outbound_queue queue_;
    std::string input_;  // read and not yet used
    peer_address peer_;
    phase phase_ = phase::idle;
    http_route_group group_ = http_route_group::other;  // of this request
    bool fresh_ = true;                                 // no request has begun yet
    bool keep_alive_ = true;                            // after this request
    bool version_10_ = false;                           // of this request
    bool is_head_ = false;                              // of this request
    bool streaming_ = false;                            // start_stream() was called
    bool chunked_ = false;                              // the stream is in chunks
    bool body_wanted_ = true;                           // the stream's pieces are to be sent
    bool input_left_ = false;  // input_ or the TLS session may have the next request
    bool stalled_ = false;     // the deadline is the client's for reading its answer
};

}  // namespace broker::transport
