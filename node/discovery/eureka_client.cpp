#include "node/discovery/eureka_client.hpp"

#include "node/event_log.hpp"

#include <pthread.h>
#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <variant>

namespace node::discovery {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// How soon a change of the status is noticed.
constexpr milliseconds look_every{1000};

std::function<double()> chance() {
    return [engine = std::minstd_rand(std::random_device{}())]() mutable {
        return std::uniform_real_distribution<double>(0, 1)(engine);
    };
}

dirty_time wall_milliseconds() {
    auto const now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<dirty_time>(std::chrono::duration_cast<milliseconds>(now).count());
}

std::string_view name_of(action what) {
    switch (what) {
        case action::register_instance: return "register";
        case action::renew: return "renew";
        case action::deregister: return "deregister";
    }
    return {};
}

outcome outcome_of(unsigned status) {
    if (status >= 200 && status < 300) return outcome::accepted;
    return status == 404 ? outcome::unknown : outcome::failed;
}

}  // namespace

eureka_client::eureka_client(eureka_options options, instance self,
                             std::function<instance_status()> status)
    : options_(std::move(options)),
      self_(std::move(self)),
      status_(std::move(status)),
      machine_(options_.servers.size(), {.heart_beat = self_.heart_beat}, chance()),
      failing_(options_.servers.size()) {}

eureka_client::~eureka_client() {
    stop();
}

void eureka_client::start() {
    thread_ = std::thread([this] { run(); });
}

void eureka_client::leave() {
    std::lock_guard const guard(mutex_);
    leaving_ = true;
    wake_.notify_one();
}

void eureka_client::stop() {
    leave();
    if (thread_.joinable()) thread_.join();
}

void eureka_client::run() {
    pthread_setname_np(pthread_self(), "eureka");
    while (!leaving_) {
        auto const now = steady_clock::now();
        if (auto const todo = machine_.next(now, status_())) {
            carry_out(*todo, options_.timeout);
            continue;
        }
        std::unique_lock guard(mutex_);
        wake_.wait_until(guard, std::min(machine_.due(), now + look_every),
                         [this] { return leaving_.load(); });
    }
    machine_.leave();
    auto const deadline = steady_clock::now() + options_.timeout;
    while (auto const todo = machine_.next(steady_clock::now(), instance_status::out_of_service)) {
        // Each of the servers gets its part of the time.
        auto const rest = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
        auto const part = rest / static_cast<int>(machine_.left_to_ask());
        carry_out(*todo, std::max(part, milliseconds(1)));
    }
    counts_.registered.set(0);
}

void eureka_client::carry_out(attempt const& what, milliseconds timeout) {
    if (what.what == action::register_instance) {
        dirty_since_ = std::max(dirty_since_ + 1, wall_milliseconds());
    }
    static std::atomic<bool> const never = false;
    auto const& stop = what.what == action::deregister ? never : leaving_;
    auto const answer = http_call(options_.servers[what.server], call_of(what), timeout, stop);
    auto how = outcome::failed;
    std::string reason;
    if (auto const* failure = std::get_if<call_failure>(&answer)) {
        reason = failure->reason;
    } else {
        auto const status = std::get<unsigned>(answer);
        how = outcome_of(status);
        reason = "the answer has status " + std::to_string(status);
    }
    machine_.ended(what, how, steady_clock::now());
    counts_.requests[static_cast<std::size_t>(what.what)][static_cast<std::size_t>(how)].add();
    counts_.registered.set(machine_.registered() ? 1 : 0);
    bool const called_off = how == outcome::failed && &stop == &leaving_ && leaving_;
    if (!called_off) tell(what, how, reason);
}

call eureka_client::call_of(attempt const& what) const {
    switch (what.what) {
        case action::register_instance:
            return {"POST", app_path(self_), registration_body(self_, what.status, dirty_since_)};
        case action::renew: return {"PUT", renewal_path(self_, what.status, dirty_since_), {}};
        case action::deregister: return {"DELETE", instance_path(self_), {}};
    }
    return {};
}

void eureka_client::tell(attempt const& what, outcome how, std::string const& reason) {
    auto const& server = options_.servers[what.server].url;
    bool const has_failed = how == outcome::failed ||
                            (how == outcome::unknown && what.what == action::register_instance);
    if (has_failed) {
        // Once for each server that stays away.
        if (failing_[what.server] && what.what != action::deregister) return;
        failing_[what.server] = true;
        log_warning("eureka_failed", {{"server", server},
                                      {"instance", self_.id},
                                      {"operation", name_of(what.what)},
                                      {"reason", reason}});
        return;
    }
    bool const is_back = failing_[what.server];
    failing_[what.server] = false;
    if (what.what == action::register_instance) {
        log_info("eureka_registered",
                 {{"server", server}, {"instance", self_.id}, {"status", name_of(what.status)}});
    } else if (what.what == action::deregister) {
        log_info("eureka_deregistered", {{"server", server}, {"instance", self_.id}});
    } else if (how == outcome::unknown) {
        log_warning("eureka_lease_lost", {{"server", server}, {"instance", self_.id}});
    } else if (is_back) {
        log_info("eureka_back", {{"server", server}, {"instance", self_.id}});
    }
}

}  // namespace node::discovery
