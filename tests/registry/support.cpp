#include "tests/registry/support.hpp"

#include "tests/support/free_port.hpp"

#include <algorithm>
#include <future>
#include <stdexcept>
#include <utility>

namespace tests {

namespace {

using namespace std::chrono_literals;
constexpr auto lease = 60s;
constexpr auto patience = 60s;  // more than any node here waits for another

template <typename T>
T wait_for(std::future<T> future) {
    if (future.wait_for(patience) != std::future_status::ready) {
        throw std::runtime_error("test: no answer");
    }
    return future.get();
}

// Calls `ask` with a completion and waits for its value.
template <typename T, typename Ask>
T answered(Ask ask) {
    auto promise = std::make_shared<std::promise<T>>();
    std::future<T> future = promise->get_future();
    ask([promise](T value) { promise->set_value(std::move(value)); });
    return wait_for(std::move(future));
}

}  // namespace

home_thread::home_thread()
    : thread_([this] {
          std::unique_lock lock(mutex_);
          for (;;) {
              changed_.wait(lock, [this] { return stopping_ || !work_.empty(); });
              if (work_.empty()) return;
              auto work = std::exchange(work_, {});
              lock.unlock();
              for (auto& each : work) each();
              lock.lock();
          }
      }) {}

home_thread::~home_thread() {
    {
        std::lock_guard const lock(mutex_);
        stopping_ = true;
        changed_.notify_one();
    }
    thread_.join();
}

void home_thread::post(broker::unique_function<void()> work) {
    std::lock_guard const lock(mutex_);
    work_.push_back(std::move(work));
    changed_.notify_one();
}

home_thread& home() {
    static home_thread one;
    return one;
}

broker::interest topic(std::string name) {
    return {broker::interest_kind::topic, std::move(name)};
}

broker::interest pattern(std::string name) {
    return {broker::interest_kind::pattern, std::move(name)};
}

broker::interest user(std::string name) {
    return {broker::interest_kind::user, std::move(name)};
}

void enter(broker::registry& at, broker::interest what) {
    answered<bool>(
        [&](auto done) { at.enter(std::move(what), home(), [done]() mutable { done(true); }); });
}

answer lookup(broker::registry& at, std::vector<broker::interest> what) {
    return answered<answer>([&](auto done) { at.find(std::move(what), done); });
}

std::optional<broker::session_owner> claim(broker::session_owners& at, std::string session) {
    return answered<std::optional<broker::session_owner>>(
        [&](auto done) { at.claim(std::move(session), home(), done); });
}

std::optional<broker::session_owner> owner(broker::session_owners& at, std::string session) {
    return answered<std::optional<broker::session_owner>>(
        [&](auto done) { at.find(std::move(session), home(), done); });
}

std::optional<broker::room_presence> in_room(broker::presence& at, std::string room) {
    auto users = answered<std::optional<broker::room_presence>>(
        [&](auto done) { at.find_room_users(std::move(room), 100, home(), done); });
    if (users) std::ranges::sort(users->users);
    return users;
}

void enter_session(broker::user_sessions& at, std::string user, std::string id, int since) {
    answered<bool>([&](auto done) {
        at.enter_session({.user = std::move(user),
                          .id = std::move(id),
                          .transport = "websocket",
                          .since = std::chrono::sys_seconds(std::chrono::seconds(since))},
                         home(), [done]() mutable { done(true); });
    });
}

broker::found_sessions sessions(broker::user_sessions& at, std::string user, std::size_t most) {
    return answered<broker::found_sessions>(
        [&](auto done) { at.find_sessions(std::move(user), most, home(), done); });
}

broker::session_counts session_counts(broker::user_sessions& at, node_list users) {
    return answered<broker::session_counts>(
        [&](auto done) { at.count_sessions(std::move(users), home(), done); });
}

node_list placed(broker::user_sessions& at, std::string user) {
    node_list out;
    auto const found = sessions(at, std::move(user));
    if (!found.whole) out.emplace_back("?");
    for (auto const& each : found.sessions) out.push_back(each.id + "@" + each.node);
    return out;
}

bool eventually(std::function<bool()> const& what) {
    auto const until = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < until) {
        if (what()) return true;
        std::this_thread::sleep_for(2ms);
    }
    return false;
}

node_list found(broker::registry& at, broker::interest what) {
    answer last;
    eventually([&] {
        last = lookup(at, {what});
        return last.has_value();
    });
    if (!last) throw std::runtime_error("test: the registry never answered");
    std::ranges::sort(last->front());
    return last->front();
}

redis_with_tls::redis_with_tls(std::string const& names, certificate_authority::days valid)
    : port_(free_port()), server_(arguments(port_, names, valid)) {}

std::vector<std::string> redis_with_tls::arguments(int port, std::string const& names,
                                                   certificate_authority::days valid) const {
    auto const identity = authority_.issue(names, valid);
    return {"--tls-port",         std::to_string(port),
            "--tls-cert-file",    identity.certificate,
            "--tls-key-file",     identity.key,
            "--tls-auth-clients", "no",
            "--tls-ca-cert-file", ca_file()};
}

std::string redis_with_tls::url(std::string const& host) const {
    return "rediss://" + host + ":" + std::to_string(port_);
}

std::function<void(broker::redis::options&)> redis_with_tls::over_tls() const {
    return [this](broker::redis::options& options) {
        options.addresses = {url()};
        options.ca_file = ca_file();
    };
}

node::node(redis_server const& server, std::string name,
           std::function<void(broker::redis::options&)> change)
    : id(std::move(name)) {
    broker::redis::options options;
    options.addresses = {server.url()};
    options.node = id;
    options.internal_address = id + ":9080";
    options.connect_timeout = options.command_timeout = 20s;
    options.longest_backoff = 50ms;
    options.lease = lease;
    options.renewal = 25ms;
    options.grace = 60s;
    options.settle = 0ms;
    options.on_event = [this](broker::redis::event const& event) {
        std::lock_guard const lock(mutex);
        events_.push_back(std::string(event.name) + " " + event.detail);
    };
    options.on_state = [this](broker::redis::state state) {
        std::lock_guard const lock(mutex);
        states_.push_back(state);
    };
    options.on_presence = [this](broker::presence_change const& told) {
        std::lock_guard const lock(mutex);
        changes_.push_back((told.present ? "+" : "-") + told.room + " " + told.user);
    };
    if (change) change(options);
    registry = std::make_unique<broker::redis_registry>(std::move(options));
}

node_list node::events() {
    std::lock_guard const lock(mutex);
    return events_;
}

node_list node::changes() {
    std::lock_guard const lock(mutex);
    return changes_;
}

std::vector<broker::redis::state> node::states() {
    std::lock_guard const lock(mutex);
    return states_;
}

void node::die(redis_server const& server) {
    registry->stop(broker::redis_registry::farewell::none);
    auto const left = std::chrono::milliseconds(std::stoll(server.run("PTTL stampede:node:" + id)));
    if (left <= 0ms || left > lease) throw std::runtime_error("test: a lease without an end");
    server.run("PEXPIRE stampede:node:" + id + " 1");
}

bool node::saw(std::string const& event) {
    std::lock_guard const lock(mutex);
    return std::ranges::any_of(events_,
                               [&](std::string const& each) { return each.starts_with(event); });
}

bool node::up() {
    std::lock_guard const lock(mutex);
    return !states_.empty() && states_.back().up;
}

void soon_away(broker::redis::options& options) {
    options.connect_timeout = options.command_timeout = 400ms;
}

void short_grace(broker::redis::options& options) {
    options.grace = 700ms;
}

void short_lease(broker::redis::options& options) {
    options.lease = 500ms;
}

}  // namespace tests
