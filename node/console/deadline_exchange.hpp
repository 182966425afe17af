#pragma once

#include "broker/transport/http.hpp"
#include "broker/transport/loop.hpp"

#include <chrono>
#include <memory>

// An exchange whose answer has to begin in time. Who is to give it sees an exchange as any other,
// and is told that the peer went away when the time is over; then `late` is called, which may
// answer the exchange behind. On the shard of that exchange.

namespace node::console {

class deadline_exchange final : public broker::transport::http_exchange,
                                private broker::transport::timed,
                                public std::enable_shared_from_this<deadline_exchange> {
public:
    using http_exchange_ptr = broker::transport::http_exchange_ptr;

    static http_exchange_ptr make(http_exchange_ptr behind, broker::transport::loop& home,
                                  std::chrono::milliseconds patience,
                                  broker::unique_function<void()> late);

    broker::transport::http_request const& request() const override { return behind_->request(); }
    broker::executor& home() override { return behind_->home(); }
    void respond(broker::transport::http_response response) override;
    void start_stream(broker::transport::http_response const& head) override;
    void write(std::string piece) override;
    void finish() override;
    std::size_t queued_bytes() const override { return behind_->queued_bytes(); }
    void on_abort(broker::unique_function<void()> callback) override;
    void on_drained(broker::unique_function<void()> callback) override;
    bool is_websocket_upgrade() const override { return false; }
    void accept_websocket(std::string_view, broker::transport::websocket_options const&,
                          std::unique_ptr<broker::transport::websocket_handler>) override {}
    void drop() override;
    void move_to_shard(std::size_t, std::function<void(std::shared_ptr<http_exchange>)>) override {}
    std::size_t shard_index() const override { return behind_->shard_index(); }
    std::size_t shard_count() const override { return behind_->shard_count(); }

private:
    deadline_exchange(http_exchange_ptr behind, broker::transport::loop& home,
                      broker::unique_function<void()> late);

    void on_deadline(broker::steady_time now) override;
    void give_up();

    http_exchange_ptr behind_;
    broker::transport::loop& loop_;
    broker::unique_function<void()> late_;
    broker::unique_function<void()> on_abort_;
    bool over_ = false;  // given up: what comes now is nobody's
};

}  // namespace node::console
