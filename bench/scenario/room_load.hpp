#pragma once

#include "bench/scenario/chat_day.hpp"
#include "bench/scenario/connector.hpp"
#include "bench/scenario/publishers.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// Rooms with publishers and subscribers, over generic topics or as stored chat messages: the
// scenarios fan_out, slow (some subscribers stop reading), resume (everybody's connection ends in
// the middle of the load, and all come back) and chat (everybody reads and sends, and does what
// people do between messages). A room is whole in one thread.

namespace bench {

class room_load final : public scenario, private client_listener {
    static constexpr std::string_view subscription = "sub-0";
    static constexpr std::string_view gone_receipt = "gone";

public:
    explicit room_load(worker_context const& context);

    void open() override;
    bool ready() const override { return ready_ == clients_.size(); }
    std::string missing() const override;
    bool in_vain() const override { return clients_.in_vain(); }
    void begin(bench_clock::time_point start) override;
    bench_clock::time_point tick(bench_clock::time_point now) override;
    bool settled() const override;
    bench_clock::time_point settle(bench_clock::time_point now) override;
    thread_cost helper_cost() const override { return day_ ? day_->cost() : thread_cost{}; }
    void finish(run_result& into) override;

private:
    enum class role : std::uint8_t { publisher, reader, slow_reader, participant };
    // What a client waits for, in this order.
    enum class step : std::uint8_t { connection, membership, subscription, nothing, farewell };

    // Of who takes part in a chat. Between two states a RECEIPT is waited for.
    enum class presence : std::uint8_t { here, leaving, away, coming };

    struct member {
        role is;
        presence is_there = presence::here;
        bool wants_back = false;  // as soon as the leaving is done
        step waits_for = step::connection;
        bool counted_ready = false;
        bool sends() const noexcept { return is == role::publisher || is == role::participant; }
        bool reads() const noexcept { return is == role::reader || is == role::participant; }
        std::size_t room;                    // of this thread
        std::size_t place = 0;               // among the publishers
        bench_clock::time_point asked = {};  // the SUBSCRIBE, or the cut that it mends
        std::vector<arrivals> streams = {};  // a reader's, one per publisher of its room
        arrivals sequence = {};              // of the room's seq
        std::uint64_t last_sequence = 0;
        arrival_counts seen = {};
        arrival_counts seen_sequence = {};
    };
    struct place_to_talk {
        std::uint64_t number;  // over all threads, or the chat room's
        std::string topic;
        std::size_t first_publisher;  // its place
    };

    void on_connected(stomp_client& client) override;
    void on_message(stomp_client& client, frame_view message) override;
    void on_receipt(stomp_client& client, std::string_view receipt) override;
    void on_error(stomp_client& client, frame_view error) override;
    void on_closed(stomp_client& client, std::string_view reason) override;

    void add_room(std::size_t local, std::size_t over_all);
    void add_member(role is, std::size_t room);
    void add_publisher(std::size_t place, std::size_t over_all, std::size_t readers);
    void join(stomp_client& client, member& who);
    void subscribe(stomp_client& client, member& who);
    // room_absence.cpp; by the client's place.
    void leave(std::size_t client_place);
    void is_gone(stomp_client& client, member& who);
    void come_back(std::size_t client_place);
    void is_back(member& who);
    bool everything_came() const;
    std::uint64_t unanswered_movements() const;

    void is_ready(member& who);
    bool receipts() const noexcept { return context_.server.as->receipts; }
    void take_sequence(member& who, frame_view message);
    void probe();
    void cut_off();
    void reconnect(stomp_client& client, member& who);
    void ask_slow_readers();

    worker_context context_;
    connector clients_;
    publishers publishers_;
    std::unique_ptr<chat_day> day_;  // of the scenario chat
    std::vector<place_to_talk> rooms_;
    std::vector<member> members_;  // by the client's place
    std::size_t ready_ = 0;
    mutable std::size_t came_ = 0;  // members before this one have everything
    std::size_t not_back_ = 0;      // cut off and not subscribed again
    std::uint64_t slow_closed_ = 0;
    std::size_t slow_undecided_ = 0;  // whether they are still connected
    bool slow_asked_;
    bench_clock::time_point settling_since_ = bench_clock::time_point::max();
    bench_clock::time_point cut_at_ = bench_clock::time_point::max();
};

}  // namespace bench
