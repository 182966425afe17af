#pragma once

#include "broker/transport/http.hpp"
#include "broker/transport/loop.hpp"

#include <string>
#include <utility>

// A request of this node's own to another node, in the form in which clients' requests are
// forwarded: without a body, and what is answered does not matter.

namespace node::console {

class own_request final : public broker::transport::http_exchange {
public:
    // `done` is called once when it was answered.
    own_request(broker::transport::loop& home, std::string method, std::string path,
                broker::unique_function<void()> done)
        : home_(home), done_(std::move(done)) {
        request_.method = std::move(method);
        request_.target = request_.path = std::move(path);
        request_.peer_address = "0.0.0.0:0";
    }

    broker::transport::http_request const& request() const override { return request_; }
    broker::executor& home() override { return home_; }
    void respond(broker::transport::http_response) override { answered(); }
    void start_stream(broker::transport::http_response const&) override {}
    void write(std::string) override {}
    void finish() override { answered(); }
    std::size_t queued_bytes() const override { return 0; }
    void on_abort(broker::unique_function<void()>) override {}
    void on_drained(broker::unique_function<void()> callback) override {
        home_.post(std::move(callback));
    }
    bool is_websocket_upgrade() const override { return false; }
    void accept_websocket(std::string_view, broker::transport::websocket_options const&,
                          std::unique_ptr<broker::transport::websocket_handler>) override {}
    void drop() override { answered(); }
    void move_to_shard(std::size_t, std::function<void(std::shared_ptr<http_exchange>)>) override {}
    std::size_t shard_index() const override { return home_.index(); }
    std::size_t shard_count() const override { return 1; }

private:
    void answered() {
        if (auto done = std::exchange(done_, {})) done();
    }

    broker::transport::loop& home_;
    broker::transport::http_request request_;
    broker::unique_function<void()> done_;
};

}  // namespace node::console
