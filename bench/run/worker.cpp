#include "bench/run/worker.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace bench {
namespace {

// How often a thread looks at what the conductor says when its clients are silent.
constexpr std::chrono::milliseconds turn_pace{50};

}  // namespace

worker::worker(target const& server, plan const& what, identities const& who, stage const& on,
               std::vector<std::uint64_t> const& rooms, std::uint32_t run, std::size_t part)
    : stage_(on), what_(what), record_(on.sessions) {
    scenario_ = make_scenario({.loop = loop_,
                               .record = record_,
                               .server = server,
                               .what = what,
                               .who = who,
                               .part = part,
                               .parts = what.threads,
                               .run = run,
                               .rooms = rooms});
}

worker::~worker() {
    if (thread_.joinable()) thread_.join();
}

void worker::go() {
    thread_ = std::thread([this] { run(); });
}

void worker::join() {
    if (thread_.joinable()) thread_.join();
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

std::string worker::missing() const {
    std::scoped_lock const lock(mutex_);
    return missing_;
}

void worker::run() {
    meter_.begin();
    try {
        open();
        if (!stage_.stop) load();
        load_ended_ = bench_clock::now();
        finished_load_ = true;
        if (!stage_.stop) settle();
        record_.close(bench_clock::now());
    } catch (...) {
        failure_ = std::current_exception();
    }
    meter_.end();
    finished_load_ = true;
    ended_ = true;
}

void worker::open() {
    scenario_->open();
    while (!stage_.stop && !stage_.cued) {
        auto const now = bench_clock::now();
        auto const next = scenario_->tick(now);
        loop_.turn(std::min(next, now + turn_pace));
        if (ready_) continue;
        if (scenario_->ready()) {
            ready_at_ = bench_clock::now();
            ready_ = true;
        } else {
            std::scoped_lock const lock(mutex_);
            missing_ = scenario_->missing();
            in_vain_ = scenario_->in_vain();
        }
    }
}

void worker::load() {
    auto const warm_up = std::chrono::duration_cast<bench_clock::duration>(what_.warm_up);
    record_.begin(stage_.start, warm_up, stage_.end);
    scenario_->begin(stage_.start);
    for (auto now = bench_clock::now(); now < stage_.end && !stage_.stop && !scenario_->done();
         now = bench_clock::now()) {
        record_.pass(now);
        auto const next = scenario_->tick(now);
        loop_.turn(std::min({next, stage_.end, now + turn_pace}));
    }
    // A thread that was held up at the end still sends what was due: to leave it out would be to
    // leave out the worst latencies.
    if (!what_.open_loop()) return;
    for (auto now = bench_clock::now(); !stage_.stop && scenario_->tick(now) <= now;
         now = bench_clock::now()) {
        record_.pass(now);
        loop_.turn(now);
    }
}

void worker::settle() {
    auto const patience = std::chrono::duration_cast<bench_clock::duration>(what_.patience);
    auto const until = bench_clock::now() + patience;
    for (auto now = bench_clock::now(); now < until && !stage_.stop && !scenario_->settled();
         now = bench_clock::now()) {
        record_.pass(now);
        // Who was cut off at the end may still have to come back.
        loop_.turn(std::min(scenario_->settle(now), now + turn_pace));
    }
}

void worker::finish(run_result& into) {
    scenario_->finish(into);
    auto const& totals = record_.all();
    for (std::size_t kind = 0; kind < latency_kinds; ++kind) {
        if (totals.latencies[kind].count() == 0) continue;
        into.latencies[static_cast<latency>(kind)].add(totals.latencies[kind]);
    }
    into.lag.add(totals.lag);
    into.load.sent += totals.sent;
    into.load.delivered += totals.delivered;
    into.load.receipts += totals.receipts;
    into.load.connects += totals.connects;
    for (auto const& [text, times] : totals.errors) into.errors[text] += times;
}

}  // namespace bench
