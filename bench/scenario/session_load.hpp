#pragma once

#include "bench/scenario/connector.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// Sessions for their own sake: the scenarios connect (a storm of them is the load), idle (they are
// opened first, and the load is to hold them) and churn (each connects, subscribes, unsubscribes,
// disconnects and begins again).

namespace bench {

class session_load final : public scenario, private client_listener {
public:
    explicit session_load(worker_context const& context);

    void open() override;
    bool ready() const override;
    std::string missing() const override;
    bool in_vain() const override { return clients_.in_vain(); }
    void begin(bench_clock::time_point start) override;
    bench_clock::time_point tick(bench_clock::time_point now) override;
    bool done() const override;
    bool settled() const override;
    bench_clock::time_point settle(bench_clock::time_point now) override {
        return churns() ? bench_clock::time_point::max() : clients_.tick(now);
    }
    void finish(run_result& into) override;

private:
    enum class step : std::uint8_t { connection, subscription, held, unsubscription, farewell };
    struct progress {
        step is = step::connection;
        bench_clock::time_point due;    // the cycle's or the connection's beginning
        bench_clock::time_point asked;  // the SUBSCRIBE
    };

    void on_connected(stomp_client& client) override;
    void on_message(stomp_client&, frame_view) override {}
    void on_receipt(stomp_client& client, std::string_view receipt) override;
    void on_error(stomp_client& client, frame_view error) override;
    void on_closed(stomp_client& client, std::string_view reason) override;

    void is_subscribed(stomp_client& client, progress& of);
    void end_cycle(stomp_client& client);
    void again(stomp_client& client);
    // Clients that have begun a cycle and not ended it.
    std::size_t in_cycle() const noexcept { return clients_.connected() + clients_.under_way(); }
    bool churns() const noexcept { return context_.what.kind == scenario_kind::churn; }

    worker_context context_;
    connector clients_;
    std::vector<progress> sessions_;  // by the client's place
    std::size_t held_ = 0;
    std::uint64_t failed_ = 0;
    std::uint64_t cycles_ = 0;  // whole ones, in the measured time
    bench_clock::time_point start_ = bench_clock::time_point::min();  // of a storm or a churn
    bench_clock::time_point ends_ = bench_clock::time_point::max();
};

}  // namespace bench
