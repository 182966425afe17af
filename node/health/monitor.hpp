#pragma once

#include "node/health/link_watch.hpp"
#include "node/health/verdict.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// Sends the canaries of a node, on a thread of its own that never waits for a link, and says what
// has become of them. Made, given its links, started and stopped on the main thread.

namespace node::health {

class monitor {
    struct state;

public:
    struct options {
        watch_timing links;
        watch_timing loops;
        // Called at each change, on the thread that brought it.
        std::function<void(std::string_view link, link_change const&)> on_change;
    };

    // Where a canary's end is told: with the reason, or empty when it came back in time. Any
    // thread, also when the monitor is gone.
    class reporter {
    public:
        void operator()(std::string_view error = {}) const;

    private:
        friend class monitor;
        std::shared_ptr<state> of_;
        std::size_t index_ = 0;
        std::uint64_t number_ = 0;
    };

    // Sends the canary of that number without waiting for anything; false if an earlier one is
    // still at work and it was not sent. On the monitor's thread.
    using sender = std::function<bool(std::uint64_t number, reporter const& done)>;

    explicit monitor(options given);
    ~monitor();
    monitor(monitor const&) = delete;
    monitor& operator=(monitor const&) = delete;

    // Before start().
    void add_loop(std::string name, sender send);
    enum class need : std::uint8_t { can_do_without, needed };
    void add_link(std::string name, need how, sender send);

    void start();
    // New clients shall not come any more. The links are not tried any more, the loops are.
    void drain();
    void stop();

    struct page {
        bool good;
        std::string_view status;
        std::string json;
    };
    // Any thread; wait for nobody.
    page live() const;
    page ready() const;
    page startup() const;

    struct summary {
        bool ready = false;
        bool draining = false;
        std::string_view status;  // what ready() says
        std::vector<observed> loops;
        std::vector<observed> links;
    };
    summary summed_up() const;

private:
    std::shared_ptr<state> state_;
};

// For what cannot be called off: nothing is sent while an earlier one has not come back. `send`
// calls its `done` once, with the reason or empty, whenever that is.
monitor::sender one_at_a_time(
    std::function<void(std::function<void(std::string_view error)> done)> send);

}  // namespace node::health
