#include "bench/client_fleet.hpp"
#include "bench/latency_samples.hpp"
#include "bench/measure/process_cost.hpp"
#include "bench/scenarios.hpp"

#include <cstdint>
#include <cstdio>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace bench {
namespace {

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
        : fleet_(server), options_(options), content_(options.content_bytes, 'x') {}

    void run() {
        open_rooms();
        load_for(options_.warm_up_seconds);
        measure();
    }

private:
    std::string body(chat_room const& room, std::string_view type) const {
        return R"({"chatRoomId":)" + room.number + R"(,"senderId":)" + sender_id(room) +
               R"(,"senderNickname":"bench","content":")" + content_ + R"(","messageType":")" +
               std::string(type) + R"("})";
    }
    static std::string sender_id(chat_room const& room) { return "1" + room.number; }

    void open_rooms() {
        for (std::size_t r = 0; r < options_.rooms; ++r) {
            auto& added = *rooms_.emplace_back(std::make_unique<chat_room>());
            added.number = std::to_string(options_.first_room + r);
            fleet_.connect(added.sender, {sender_id(added), "x"});
            for (std::size_t s = 0; s < options_.subscribers; ++s) {
                fleet_.connect(*added.readers.emplace_back(std::make_unique<stomp_session>()),
                               {sender_id(added), "x"});
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
            for (auto& reader : room->readers) {
                reader->on_receipt = [&subscribed](std::string_view) { ++subscribed; };
                reader->on_message = [this](std::string_view) { ++delivered_; };
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

    void send(chat_room& room, bench_clock::time_point intended) {
        room.waiting.push_back(intended);
        room.sender.send("/app/chat.sendMessage", body(room, "CHAT"), "m");
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

    void measure() {
        pid_t const pid = fleet_.server().pid;
        auto const cost_before = pid > 0 ? cost_of(pid) : process_cost{};
        auto const stored_before = stored_;
        auto const delivered_before = delivered_;
        latencies_.clear();
        auto const start = bench_clock::now();
        load_for(options_.seconds);
        double const took = seconds_since(start);
        auto const stored = static_cast<double>(stored_ - stored_before);
        std::printf("stored %.0f\nrate %.0f messages/s\ndelivered %.0f\n", stored, stored / took,
                    static_cast<double>(delivered_ - delivered_before));
        std::printf("receipt_p50 %.2f ms\nreceipt_p99 %.2f ms\n", latencies_.quantile_ms(0.5),
                    latencies_.quantile_ms(0.99));
        if (pid <= 0) return;
        double const cpu = cost_of(pid).cpu_seconds - cost_before.cpu_seconds;
        std::printf("server_cpu %.2f cores\ncpu_per_message %.2f us\n", cpu / took,
                    cpu * 1e6 / stored);
    }

    client_fleet fleet_;
    chat_options options_;
    std::string content_;
    std::vector<std::unique_ptr<chat_room>> rooms_;
    std::uint64_t stored_ = 0;
    std::uint64_t delivered_ = 0;
    latency_samples latencies_;
    bench_clock::time_point next_due_;
    std::size_t next_room_ = 0;
};

}  // namespace

void run_chat(target const& server, chat_options const& options) {
    chat_run(server, options).run();
}

}  // namespace bench
