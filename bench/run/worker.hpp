#pragma once

#include "bench/measure/thread_meter.hpp"
#include "bench/run/recorder.hpp"
#include "bench/scenario/scenario.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

// One thread of a run with its loop, its clients and its part of the scenario.

namespace bench {

// What the threads of a run share; set by the conductor, read by the workers.
struct stage {
    std::atomic<bool> stop = false;     // end at once, whatever the phase
    std::atomic<bool> cued = false;     // `start` is set: the load may begin
    bench_clock::time_point start;      // of the load, its warm-up first
    bench_clock::time_point end;        // of the load
    session_count* sessions = nullptr;  // of all threads
};

class worker {
public:
    // All but `part` is shared by the workers and outlives them.
    worker(target const& server, plan const& what, identities const& who, stage const& on,
           std::vector<std::uint64_t> const& rooms, std::uint32_t run, std::size_t part);
    ~worker();
    worker(worker const&) = delete;
    worker& operator=(worker const&) = delete;

    void go();    // starts the thread
    void join();  // after stage.stop or the load's end; throws what the thread threw

    // From any thread.
    bool ready() const noexcept { return ready_.load(); }
    // Once it is.
    bench_clock::time_point ready_at() const noexcept { return ready_at_; }
    bool ended() const noexcept { return ended_.load(); }
    // A client failed before the load; nobody tries again.
    bool in_vain() const noexcept { return in_vain_.load(); }
    bool finished_load() const noexcept { return finished_load_.load(); }
    // Once it has finished.
    bench_clock::time_point load_ended() const noexcept { return load_ended_; }
    void wake() noexcept { loop_.wake(); }
    recorder const& record() const noexcept { return record_; }
    std::string missing() const;  // of the last moment that was not ready
    // Of its thread, and of one that its scenario has besides.
    thread_cost cost() const { return meter_.so_far(); }
    thread_cost helper_cost() const { return scenario_->helper_cost(); }

    // After join(): adds what this thread found.
    void finish(run_result& into);

private:
    void run();
    void open();
    void load();
    void settle();

    stage const& stage_;
    plan const& what_;
    recorder record_;
    client_loop loop_;
    std::unique_ptr<scenario> scenario_;
    std::thread thread_;
    std::exception_ptr failure_;
    bench_clock::time_point ready_at_ = {};  // written before the next one is set
    std::atomic<bool> ready_ = false;
    std::atomic<bool> in_vain_ = false;
    bench_clock::time_point load_ended_ = {};  // written before the next one is set
    std::atomic<bool> finished_load_ = false;
    std::atomic<bool> ended_ = false;
    thread_meter meter_;
    mutable std::mutex mutex_;
    std::string missing_;
};

}  // namespace bench
