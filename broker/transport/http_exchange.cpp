#include "broker/transport/http_exchange.hpp"

#include "broker/transport/http_connection.hpp"

#include <utility>

namespace broker::transport {

connection_exchange::connection_exchange(http_connection& connection, http_request request)
    : connection_(&connection),
      home_(connection.shard_loop()),
      shard_count_(connection.shard_count()),
      verdict_(judge_handshake(request)),
      request_(std::move(request)) {}

executor& connection_exchange::home() {
    return home_;
}

std::size_t connection_exchange::shard_index() const {
    return home_.index();
}

void connection_exchange::tell_answered(unsigned status) {
    auto const& tell = connection_->on_answered();
    if (!tell) return;
    tell({.request = request_,
          .status = status,
          .took = std::chrono::duration_cast<std::chrono::microseconds>(age())});
}

void connection_exchange::respond(http_response response) {
    if (connection_ == nullptr) return;
    tell_answered(response.status);
    connection_->respond(std::move(response));
}

void connection_exchange::start_stream(http_response const& head) {
    if (connection_ == nullptr) return;
    tell_answered(head.status);
    connection_->start_stream(head);
}

void connection_exchange::write(std::string piece) {
    if (connection_ != nullptr) connection_->write(std::move(piece));
}

void connection_exchange::finish() {
    if (connection_ != nullptr) connection_->finish();
}

std::size_t connection_exchange::queued_bytes() const {
    return connection_ != nullptr ? connection_->queued_bytes() : 0;
}

void connection_exchange::on_abort(unique_function<void()> callback) {
    if (connection_ != nullptr) on_abort_ = std::move(callback);
}

void connection_exchange::on_drained(unique_function<void()> callback) {
    if (connection_ != nullptr) on_drained_ = std::move(callback);
}

void connection_exchange::accept_websocket(std::string_view subprotocol,
                                           websocket_options const& options,
                                           std::unique_ptr<websocket_handler> handler) {
    if (connection_ != nullptr && is_websocket_upgrade()) {
        tell_answered(101);
        connection_->accept_websocket(subprotocol, options, std::move(handler));
    }
}

void connection_exchange::drop() {
    if (connection_ != nullptr) connection_->drop();
}

void connection_exchange::move_to_shard(
    std::size_t shard, std::function<void(std::shared_ptr<http_exchange>)> handler) {
    if (connection_ != nullptr) connection_->move_to_shard(shard, std::move(handler));
}

void connection_exchange::detach() {
    connection_ = nullptr;
    // They may hold the exchange itself.
    auto const aborted = std::move(on_abort_);
    auto const drained = std::move(on_drained_);
}

void connection_exchange::abort() {
    connection_ = nullptr;
    auto const drained = std::move(on_drained_);
    auto callback = std::move(on_abort_);
    if (callback) callback();
}

void connection_exchange::drained() {
    auto callback = std::move(on_drained_);
    if (callback) callback();
}

}  // namespace broker::transport
