#include "bench/client_fleet.hpp"
#include "bench/latency_samples.hpp"
#include "bench/process_cost.hpp"
#include "bench/scenarios.hpp"

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bench {
namespace {

constexpr std::string_view content_field = R"("content":")";

// One sender in its own room. Receipts come in the order of the sends, so the send times wait in a
// queue.
struct chat_room {
    std::string number;
    stomp_session sender;
    std::vector<std::unique_ptr<stomp_session>> readers;
    std::deque<bench_clock::time_point> waiting;  // intended send times without a receipt yet
};

class chat_run {
public:
    chat_run(target const& server, chat_options const& options)
        : fleet_(server), options_(options), nodes_{server.to} {
        nodes_.insert(nodes_.end(), options.other_nodes.begin(), options.other_nodes.end());
        if (server.pid > 0) pids_ = {server.pid};
        pids_.insert(pids_.end(), options.other_pids.begin(), options.other_pids.end());
    }

    void run() {
        open_rooms();
        load_for(options_.warm_up_seconds);
        measure();
    }

private:
    // The content begins with when it was to be sent: who gets it knows how long it took.
    std::string body(chat_room const& room, std::string_view type,
                     bench_clock::time_point intended = {}) const {
        auto content = std::to_string(intended.time_since_epoch().count()) + ' ';
        if (content.size() < options_.content_bytes) content.resize(options_.content_bytes, 'x');
        return R"({"chatRoomId":)" + room.number + R"(,"senderId":)" + sender_id(room) +
               R"(,"senderNickname":"bench","content":")" + content + R"(","messageType":")" +
               std::string(type) + R"("})";
    }
    static std::string sender_id(chat_room const& room) { return "1" + room.number; }

    void open_rooms() {
        for (std::size_t r = 0; r < options_.rooms; ++r) {
            auto& added = *rooms_.emplace_back(std::make_unique<chat_room>());
            added.number = std::to_string(options_.first_room + r);
            fleet_.connect(added.sender, {sender_id(added), "x"}, node_of(r));
            for (std::size_t s = 0; s < options_.subscribers; ++s) {
                fleet_.connect(*added.readers.emplace_back(std::make_unique<stomp_session>()),
                               {sender_id(added), "x"}, node_of(r + s));
            }
        }
        fleet_.wait_until_connected();
        std::size_t joined = 0;
        for (auto& room : rooms_) {
            room->sender.on_receipt = [&joined](std::string_view) { ++joined; };
            room->sender.send("/app/chat.join", body(*room, "JOIN"), "j");
        }
        fleet_.wait_for(joined, rooms_.size(), "in their rooms");
        std::size_t subscribed = 0;
        for (auto& room : rooms_) {
            for (std::size_t s = 0; s < room->readers.size(); ++s) {
                auto& reader = room->readers[s];
                auto& latencies = s % nodes_.size() == 0 ? same_node_ : other_node_;
                reader->on_receipt = [&subscribed](std::string_view) { ++subscribed; };
                reader->on_message = [this, &latencies](std::string_view frame) {
                    ++delivered_;
                    latencies.add(bench_clock::now() - intended_of(frame));
                };
                reader->subscribe("/topic/chatroom/" + room->number, "s");
            }
            room->sender.on_receipt = [this, where = room.get()](std::string_view) {
                ++stored_;
                latencies_.add(bench_clock::now() - where->waiting.front());
                where->waiting.pop_front();
            };
        }
        fleet_.wait_for(subscribed, rooms_.size() * options_.subscribers, "subscribed");
    }

    endpoint const& node_of(std::size_t turn) const { return nodes_[turn % nodes_.size()]; }

    static bench_clock::time_point intended_of(std::string_view frame) {
        auto const at = frame.find(content_field);
        bench_clock::rep count = 0;
        if (at != std::string_view::npos) {
            auto const* const begin = frame.data() + at + content_field.size();
            std::from_chars(begin, frame.data() + frame.size(), count);
        }
        return bench_clock::time_point(bench_clock::duration(count));
    }

    void send(chat_room& room, bench_clock::time_point intended) {
        room.waiting.push_back(intended);
        room.sender.send("/app/chat.sendMessage", body(room, "CHAT", intended), "m");
    }

    // As many as the window allows.
    void send_all_possible() {
        for (auto& room : rooms_) {
            while (room->waiting.size() < options_.window) send(*room, bench_clock::now());
        }
    }

    // What the schedule asks for by now, late or not: latency counts from the intended time.
    void send_what_is_due() {
        auto const now = bench_clock::now();
        while (next_due_ <= now) {
            send(*rooms_[next_room_++ % rooms_.size()], next_due_);
            next_due_ += std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 / options_.rate));
        }
    }

    void load_for(double seconds) {
        auto const start = bench_clock::now();
        next_due_ = start;
        while (seconds_since(start) < seconds) {
            options_.rate > 0 ? send_what_is_due() : send_all_possible();
            fleet_.turn(options_.rate > 0 ? 1 : 100);
        }
    }

    std::vector<double> cpu_seconds() const {
        std::vector<double> used;
        for (auto const pid : pids_) used.push_back(cost_of(pid).cpu_seconds);
        return used;
    }

    static void print_latency(char const* name, latency_samples& samples) {
        std::printf("%s_p50 %.2f ms\n%s_p99 %.2f ms\n", name, samples.quantile_ms(0.5), name,
                    samples.quantile_ms(0.99));
    }

    void measure() {
        auto const cpu_before = cpu_seconds();
        auto const stored_before = stored_;
        auto const delivered_before = delivered_;
        for (auto* const each : {&latencies_, &same_node_, &other_node_}) each->clear();
        auto const start = bench_clock::now();
        load_for(options_.seconds);
        double const took = seconds_since(start);
        auto const cpu_after = cpu_seconds();
        auto const stored = static_cast<double>(stored_ - stored_before);
        auto const delivered = static_cast<double>(delivered_ - delivered_before);
        std::printf("stored %.0f\nrate %.0f messages/s\ndelivered %.0f\n", stored, stored / took,
                    delivered);
        print_latency("receipt", latencies_);
        if (delivered > 0) {
            std::printf("delivery_rate %.0f deliveries/s\n", delivered / took);
            print_latency("same_node", same_node_);
            if (nodes_.size() > 1) print_latency("other_node", other_node_);
        }
        if (pids_.empty()) return;
        double const cpu = cpu_after.front() - cpu_before.front();
        std::printf("server_cpu %.2f cores\ncpu_per_message %.2f us\n", cpu / took,
                    cpu * 1e6 / stored);
        for (std::size_t i = 0; i < pids_.size(); ++i) {
            std::printf("cpu_of_%d %.3f s\n", static_cast<int>(pids_[i]),
                        cpu_after[i] - cpu_before[i]);
        }
    }

    client_fleet fleet_;
    chat_options options_;
    std::vector<endpoint> nodes_;
    std::vector<pid_t> pids_;  // the server's first
    std::vector<std::unique_ptr<chat_room>> rooms_;
    std::uint64_t stored_ = 0;
    std::uint64_t delivered_ = 0;
    latency_samples latencies_;  // of RECEIPTs
    latency_samples same_node_;  // of deliveries where the sender is
    latency_samples other_node_;
    bench_clock::time_point next_due_;
    std::size_t next_room_ = 0;
};

}  // namespace

void run_chat(target const& server, chat_options const& options) {
    chat_run(server, options).run();
}

}  // namespace bench
