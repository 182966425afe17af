#pragma once

#include "broker/transport/http.hpp"
#include "broker/transport/loop.hpp"
#include "broker/transport/websocket_handshake.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

// The exchange of an http_connection. It may outlive the connection, or be finished with it: then
// it knows none, and every call is ignored.

namespace broker::transport {

class http_connection;

class connection_exchange final : public http_exchange {
public:
    connection_exchange(http_connection& connection, http_request request);

    http_request const& request() const override { return request_; }
    executor& home() override;
    void respond(http_response response) override;
    void start_stream(http_response const& head) override;
    void write(std::string piece) override;
    void finish() override;
    std::size_t queued_bytes() const override;
    void on_abort(unique_function<void()> callback) override;
    void on_drained(unique_function<void()> callback) override;
    bool is_websocket_upgrade() const override { return verdict_ == handshake_verdict::valid; }
    void accept_websocket(std::string_view subprotocol, websocket_options const& options,
                          std::unique_ptr<websocket_handler> handler) override;
    void drop() override;
    void move_to_shard(std::size_t shard,
                       std::function<void(std::shared_ptr<http_exchange>)> handler) override;
    std::size_t shard_index() const override;
    std::size_t shard_count() const override { return shard_count_; }

    // For the connection.
    bool answerable() const noexcept { return connection_ != nullptr; }
    // Since the request was complete.
    std::chrono::steady_clock::duration age() const {
        return std::chrono::steady_clock::now() - began_;
    }
    bool wrong_websocket_version() const { return verdict_ == handshake_verdict::wrong_version; }
    void detach();
    void abort();
    void drained();
    http_request take_request() { return std::move(request_); }

private:
    void tell_answered(unsigned status);

    http_connection* connection_;
    loop& home_;
    std::chrono::steady_clock::time_point const began_ = std::chrono::steady_clock::now();
    std::size_t shard_count_;
    handshake_verdict verdict_;
    http_request request_;
    unique_function<void()> on_abort_;
    unique_function<void()> on_drained_;
};

}  // namespace broker::transport
