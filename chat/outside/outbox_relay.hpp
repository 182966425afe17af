#pragma once

#include "broker/ports/outside.hpp"
#include "chat/ports/outbox.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

// Publishes what the outbox holds: at least once each, whatever dies meanwhile. A row leaves the
// outbox when the world's broker has confirmed its event.
//
// What this node has just stored is taken as soon as somebody calls wake(); what others left behind
// is found by a slow look. While publishing or the database fails, the rows stay where they are and
// the relay tries again, less and less often. Memory holds batches_under_way batches at most.

namespace chat {

// For logs.
struct relay_event {
    std::string_view name;  // "outbox_relay_stuck", "outbox_relay_flows"
    std::string detail;
};

struct relay_options {
    // Taken and published in one go. Escaped, the contents may be six times as many bytes.
    outbox_bounds batch{.rows = 256, .bytes = std::size_t{4} << 20U};
    std::size_t batches_under_way = 4;  // taken and not yet confirmed
    std::chrono::milliseconds lease{30'000};
    std::chrono::milliseconds poll{1'000};          // between two looks for rows of others
    std::chrono::milliseconds look{5'000};          // between two looks at how much waits
    std::chrono::milliseconds gather{5};            // between two takes that were not full
    std::chrono::milliseconds shortest_pause{100};  // after a failure; doubles
    std::chrono::milliseconds longest_pause{5'000};
    std::chrono::milliseconds last_confirms{2'000};  // what the end waits for them
    std::function<void(relay_event const&)> on_event;
};

struct relay_counts {
    std::uint64_t published = 0;  // confirmed
    std::uint64_t failed = 0;     // gone back into the outbox
    std::uint64_t takes = 0;      // looks into the outbox
    // What stood in the outbox of all nodes at the last look at how much waits.
    std::uint64_t waiting = 0;
    std::chrono::milliseconds oldest_age{0};
};

class outbox_relay {
public:
    // `world` outlives us, or calls nothing back any more.
    outbox_relay(std::unique_ptr<outbox> rows, broker::outside& world, relay_options options = {});
    // Waits a moment for confirms; what stays open goes back into the outbox.
    ~outbox_relay();
    outbox_relay(outbox_relay const&) = delete;
    outbox_relay& operator=(outbox_relay const&) = delete;

    // Something was stored on this node. Any thread; costs next to nothing while the relay is awake
    // already.
    void wake();

    relay_counts counts() const;

private:
    using clock = std::chrono::steady_clock;
    using row_list = std::vector<std::uint64_t>;
    struct desk;

    void serve();
    void absorb_answers();
    clock::time_point next_turn() const;
    void settle();
    void take();
    void measure_backlog();
    void publish(std::vector<outbox_entry> const& taken);
    void finish();
    void on_failure(std::string why);
    void on_success();
    std::size_t batches_allowed() const noexcept;

    std::unique_ptr<outbox> rows_;
    broker::outside& world_;
    relay_options const options_;
    std::shared_ptr<desk> desk_;  // shared with the callbacks, which may outlive us

    // Of the relay's thread.
    std::map<std::uint64_t, row_list> open_;  // batches under way, by number
    std::uint64_t last_batch_ = 0;
    row_list published_;  // to be removed
    row_list refused_;    // to be given back
    clock::time_point settle_after_{};
    clock::time_point take_after_{};
    clock::time_point pause_until_{};
    clock::time_point next_poll_{};
    clock::time_point next_look_{};
    std::chrono::milliseconds pause_{0};  // 0: all is well

    std::atomic<std::uint64_t> published_count_{0};
    std::atomic<std::uint64_t> failed_count_{0};
    std::atomic<std::uint64_t> take_count_{0};
    std::atomic<std::uint64_t> waiting_{0};
    std::atomic<std::int64_t> oldest_age_ms_{0};
    std::thread thread_;
};

}  // namespace chat
