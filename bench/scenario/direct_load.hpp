#pragma once

#include "bench/measure/schedule.hpp"
#include "bench/measure/stamp.hpp"
#include "bench/scenario/connector.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// Pairs of users: one asks, the other answers at once. The round trip counts from when the question
// was due to when its answer arrived. Over a topic of each user's own, or, with stored messages,
// over the chat's direct messages.

namespace bench {

class direct_load final : public scenario, private client_listener {
public:
    explicit direct_load(worker_context const& context);

    void open() override { clients_.connect_all(bench_clock::now()); }
    bool ready() const override { return ready_ == clients_.size(); }
    std::string missing() const override;
    bool in_vain() const override { return clients_.in_vain(); }
    void begin(bench_clock::time_point start) override;
    bench_clock::time_point tick(bench_clock::time_point now) override;
    bool settled() const override;
    void finish(run_result& into) override;

private:
    // A client with an even place asks the one behind it.
    struct person {
        std::string to;  // where its messages go; empty: not known yet
        stamped_text body;
        std::uint64_t sent = 0;
        std::uint64_t open = 0;  // questions without an answer, but for those given up
        bool moved = true;       // an answer came since the last tick
        // At full load: the last time that an answer was seen, and what was given up was asked
        // before the other.
        bench_clock::time_point last_move = {};
        bench_clock::time_point given_up = {};
        arrivals seen = {};  // of the other one's messages
        arrival_counts counts = {};
        bool ready = false;
    };

    void on_welcome(stomp_client& client, frame_view connected) override;
    void on_connected(stomp_client& client) override;
    void on_message(stomp_client& client, frame_view message) override;
    void on_receipt(stomp_client& client, std::string_view receipt) override;
    void on_error(stomp_client& client, frame_view error) override;
    void on_closed(stomp_client& client, std::string_view reason) override;

    void is_ready(std::size_t place);
    // Sends to oneself, again and again: who gets it is subscribed.
    void probe_later(std::size_t place);
    void send(std::size_t place, std::uint64_t number, bench_clock::time_point due);
    bench_clock::time_point tick_schedule(bench_clock::time_point now);
    bench_clock::time_point tick_windows(bench_clock::time_point now);
    void ask(std::size_t place, bench_clock::time_point due, bench_clock::time_point now);
    std::uint32_t id_of(std::size_t place) const noexcept {
        return first_id_ + static_cast<std::uint32_t>(place);
    }

    worker_context context_;
    connector clients_;
    std::vector<person> users_;  // by the client's place
    std::uint32_t first_id_;
    std::size_t ready_ = 0;
    std::uint64_t stalls_ = 0;  // windows that were given up
    bench_clock::time_point start_ = bench_clock::time_point::max();
    bench_clock::time_point end_ = bench_clock::time_point::max();
    schedule due_{{}};
    std::size_t next_ = 0;
};

}  // namespace bench
