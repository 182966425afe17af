#include "broker/peer/tcp_link.hpp"

#include "broker/limiting/limiter.hpp"
#include "broker/peer/connection_link.hpp"
#include "broker/shard.hpp"

#include <string_view>
#include <utility>

namespace broker {
namespace {

using namespace std::string_view_literals;

using transport::tcp_connection;

class tcp_link final : public transport::tcp_handler, public connection_link<tcp_connection> {
public:
    tcp_link(shard& where, link_origin from)
        : connection_link(where, {.heart_beats = true, .pings = false}, std::move(from)) {}

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

// Tells a client that it may not begin a session now, and ends.
class refusing_link final : public transport::tcp_handler {
public:
    explicit refusing_link(std::string_view error) : error_(error) {}
    void on_open(tcp_connection& connection) override {
        connection.send({}, transport::make_payload(std::string(error_)));
        connection.close();
    }
    void on_bytes(std::span<char>) override {}
    void on_close() override {}

private:
    std::string_view error_;
};

constexpr std::string_view too_fast =
    "ERROR\n"
    "message:too much at once\n"
    "code:rate_limited\n"
    "content-type:text/plain\n\n"
    "Too many sessions were begun from this address lately.\n\0"sv;

constexpr std::string_view too_many =
    "ERROR\n"
    "message:too many connections\n"
    "code:too_many_sessions\n"
    "content-type:text/plain\n\n"
    "This address has as many sessions as it may have.\n\0"sv;

}  // namespace

std::unique_ptr<transport::tcp_handler> make_tcp_link(shard& where, std::string_view peer_address) {
    link_origin from;
    auto const address = limiting::client_address::parse(peer_address);
    from.address = address;
    if (auto* const limiter = where.node().limiter; limiter != nullptr && address) {
        auto const now = where.loop().now();
        // All clients of a proxy have its address here.
        if (!limiter->proxies().trusts(*address)) {
            if (limiter->begin_session(*address, now).count() > 0) {
                return std::make_unique<refusing_link>(too_fast);
            }
            auto pass = limiter->admit_session(*address, now);
            if (!pass) return std::make_unique<refusing_link>(too_many);
            from.pass = std::move(*pass);
        }
    }
    return std::make_unique<tcp_link>(where, std::move(from));
}

}  // namespace broker
