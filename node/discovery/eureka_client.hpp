#pragma once

#include "broker/ports/metrics.hpp"
#include "node/discovery/http_call.hpp"
#include "node/discovery/instance.hpp"
#include "node/discovery/registration.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

// Keeps this node registered with a Eureka server, on a thread of its own: what is slow there, or
// away, holds up nothing here. Made, started and stopped on the main thread.

namespace node::discovery {

struct eureka_options {
    std::vector<server_address> servers;
    std::chrono::milliseconds timeout{2000};  // of one request, and of the whole deregistration
};

// Written by the client's thread, read by any.
struct eureka_counts {
    // By action and outcome.
    std::array<std::array<broker::metrics::counter, outcome_count>, action_count> requests;
    broker::metrics::gauge registered;
};

class eureka_client {
public:
    // `status` is called on our thread, about once a second; what it reads outlives us.
    eureka_client(eureka_options options, instance self, std::function<instance_status()> status);
    ~eureka_client();  // stop()
    eureka_client(eureka_client const&) = delete;
    eureka_client& operator=(eureka_client const&) = delete;

    void start();
    // No new clients shall be sent here: deregisters. Does not wait for it.
    void leave();
    // The same, and waits for its end: about a second and options.timeout at the longest.
    void stop();

    eureka_counts const& counts() const noexcept { return counts_; }

private:
    void run();
    void carry_out(attempt const& what, std::chrono::milliseconds timeout);
    void tell(attempt const& what, outcome how, std::string const& reason);
    call call_of(attempt const& what) const;

    eureka_options const options_;
    instance const self_;
    std::function<instance_status()> const status_;
    registration machine_;
    dirty_time dirty_since_ = 0;
    std::vector<bool> failing_;  // by server
    eureka_counts counts_;

    std::mutex mutex_;
    std::condition_variable wake_;
    std::atomic<bool> leaving_ = false;
    std::thread thread_;
};

}  // namespace node::discovery
