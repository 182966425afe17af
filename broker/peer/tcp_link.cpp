#include "broker/peer/tcp_link.hpp"

#include "broker/peer/connection_link.hpp"

namespace broker {
namespace {

using transport::tcp_connection;

class tcp_link final : public transport::tcp_handler, public connection_link<tcp_connection> {
public:
    explicit tcp_link(shard& where)
        : connection_link(where, {.heart_beats = true, .pings = false}, credentials{}) {}

    void on_open(tcp_connection& connection) override { opened(connection); }
    void on_bytes(std::span<char> bytes) override { peer().on_bytes(bytes, false); }
    void on_overflow(tcp_connection&) override { peer().on_overflow(); }
    void on_close() override { closed(); }

    void close(close_reason, std::string_view) override {
        if (connection() != nullptr) connection()->close();
    }
    void abort(close_reason) override {
        if (connection() != nullptr) connection()->abort();
    }
    std::string_view transport_name() const override { return "tcp"; }
};

}  // namespace

std::unique_ptr<transport::tcp_handler> make_tcp_link(shard& where) {
    return std::make_unique<tcp_link>(where);
}

}  // namespace broker
