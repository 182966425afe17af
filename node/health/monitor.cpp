#include "node/health/monitor.hpp"

#include "node/health/health_json.hpp"

#include <pthread.h>
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace node::health {
namespace {

moment now() {
    return {clock::now(), wall_clock::now()};
}

}  // namespace

struct monitor::state : std::enable_shared_from_this<monitor::state> {
    struct entry {
        std::string name;
        bool loop;
        bool needed;
        sender send;
        link_watch watch;
    };
    struct canary {
        std::size_t index;
        std::uint64_t number;
    };
    struct told {
        std::string name;
        link_change change;
    };

    explicit state(options from) : given(std::move(from)), began(clock::now()) {}

    void add(std::string name, bool loop, bool needed, sender send) {
        auto const& timing = loop ? given.loops : given.links;
        entries.push_back({std::move(name), loop, needed, std::move(send), {timing, now()}});
    }

    void run() {
        pthread_setname_np(pthread_self(), "health");
        std::unique_lock guard(mutex);
        while (!stopping) {
            auto const at = now();
            std::vector<canary> due;
            std::vector<told> changes;
            for (std::size_t i = 0; i != entries.size(); ++i) {
                auto& each = entries[i];
                if (!is_tried(each)) continue;
                if (auto change = each.watch.look(at)) {
                    changes.push_back({each.name, std::move(*change)});
                }
                if (auto const number = each.watch.take_due(at)) due.push_back({i, *number});
            }
            if (!due.empty() || !changes.empty()) {
                guard.unlock();
                for (auto const& each : changes) tell(each);
                for (auto const& each : due) send_one(each);
                guard.lock();
                continue;
            }
            changed.wait_until(guard, next_due());
        }
    }

    bool is_tried(entry const& which) const { return which.loop || phase == node_phase::serving; }

    clock::time_point next_due() const {
        // Bounded, as some clocks do not like the end of time.
        auto next = clock::now() + std::chrono::minutes(1);
        for (auto const& each : entries) {
            if (is_tried(each)) next = std::min(next, each.watch.next_due());
        }
        return next;
    }

    void send_one(canary const& what) {
        reporter done;
        done.of_ = shared_from_this();
        done.index_ = what.index;
        done.number_ = what.number;
        // The entries do not move once the thread runs.
        if (entries[what.index].send(what.number, done)) return;
        std::lock_guard const guard(mutex);
        entries[what.index].watch.not_sent(what.number, now());
    }

    void answered(std::size_t index, std::uint64_t number, std::string_view error) {
        std::optional<told> what;
        {
            std::lock_guard const guard(mutex);
            auto& each = entries[index];
            if (auto change = each.watch.answered(number, error, now())) {
                what = told{each.name, std::move(*change)};
            }
            // What is due next may be sooner than the thread knows.
            changed.notify_one();
        }
        if (what) tell(*what);
    }

    void tell(told const& what) const {
        if (given.on_change) given.on_change(what.name, what.change);
    }

    page make_page(verdict (*judge)(facts const&), bool with_links) const {
        std::vector<observed> loops;
        std::vector<observed> links;
        facts known;
        {
            std::lock_guard const guard(mutex);
            known.phase = phase;
            known.patience_over = clock::now() >= began + given.links.patience;
            for (auto const& each : entries) {
                (each.loop ? loops : links)
                    .push_back({each.name, each.watch.report(), each.needed});
            }
        }
        known.loops = loops;
        known.links = links;
        auto const judged = judge(known);
        if (!with_links) known.links = {};
        return {judged.good, judged.status, to_json(judged, known)};
    }

    summary sum_up() const {
        summary out;
        facts known;
        {
            std::lock_guard const guard(mutex);
            known.phase = phase;
            known.patience_over = clock::now() >= began + given.links.patience;
            for (auto const& each : entries) {
                (each.loop ? out.loops : out.links)
                    .push_back({each.name, each.watch.report(), each.needed});
            }
        }
        known.loops = out.loops;
        known.links = out.links;
        auto const judged = health::ready(known);
        out.ready = judged.good;
        out.status = judged.status;
        out.draining = known.phase == node_phase::draining;
        return out;
    }

    options const given;
    clock::time_point const began;
    mutable std::mutex mutex;
    std::condition_variable changed;
    std::vector<entry> entries;
    node_phase phase = node_phase::serving;
    bool stopping = false;
    std::thread thread;
};

void monitor::reporter::operator()(std::string_view error) const {
    of_->answered(index_, number_, error);
}

monitor::monitor(options given) : state_(std::make_shared<state>(std::move(given))) {}

monitor::~monitor() {
    stop();
}

void monitor::add_loop(std::string name, sender send) {
    state_->add(std::move(name), true, false, std::move(send));
}

void monitor::add_link(std::string name, need how, sender send) {
    state_->add(std::move(name), false, how == need::needed, std::move(send));
}

void monitor::start() {
    state_->thread = std::thread([of = state_.get()] { of->run(); });
}

void monitor::drain() {
    std::lock_guard const guard(state_->mutex);
    state_->phase = node_phase::draining;
}

void monitor::stop() {
    {
        std::lock_guard const guard(state_->mutex);
        state_->stopping = true;
        state_->changed.notify_one();
    }
    if (state_->thread.joinable()) state_->thread.join();
}

monitor::page monitor::live() const {
    return state_->make_page(health::live, false);
}
monitor::page monitor::ready() const {
    return state_->make_page(health::ready, true);
}
monitor::page monitor::startup() const {
    return state_->make_page(health::started, true);
}

monitor::summary monitor::summed_up() const {
    return state_->sum_up();
}

monitor::sender one_at_a_time(
    std::function<void(std::function<void(std::string_view error)> done)> send) {
    return [send = std::move(send), busy = std::make_shared<std::atomic<bool>>(false)](
               std::uint64_t, monitor::reporter const& done) {
        if (busy->exchange(true)) return false;
        send([busy, done](std::string_view error) {
            busy->store(false);
            done(error);
        });
        return true;
    };
}

}  // namespace node::health
