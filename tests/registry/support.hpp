#pragma once

#include "broker/ports/executor.hpp"
#include "broker/registry/redis/redis_registry.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/redis_server.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

// Nodes for the tests of the registry, and questions that wait for their answers.

namespace tests {

using answer = std::optional<broker::interested_nodes>;
using node_list = std::vector<std::string>;

// What a registry answers to, with a thread of its own.
class home_thread final : public broker::executor {
public:
    home_thread();
    ~home_thread() override;
    void post(broker::unique_function<void()> work) override;

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<broker::unique_function<void()>> work_;
    bool stopping_ = false;
    std::thread thread_;
};

home_thread& home();

broker::interest topic(std::string name);
broker::interest pattern(std::string name);
broker::interest user(std::string name);

// Each waits until it is done; throws when that takes longer than any test should.
void enter(broker::registry& at, broker::interest what);
answer lookup(broker::registry& at, std::vector<broker::interest> what);
std::optional<broker::session_owner> claim(broker::session_owners& at, std::string session);
std::optional<broker::session_owner> owner(broker::session_owners& at, std::string session);
std::optional<broker::room_presence> in_room(broker::presence& at, std::string room);
void enter_session(broker::user_sessions& at, std::string user, std::string id, int since = 1'000);
broker::found_sessions sessions(broker::user_sessions& at, std::string user,
                                std::size_t most = 100);
broker::session_counts session_counts(broker::user_sessions& at, node_list users);
// "id@node", oldest first; what is not whole begins with "?".
node_list placed(broker::user_sessions& at, std::string user);

// Asks again and again; false when it does not come true for a long time.
bool eventually(std::function<bool()> const& what);

// The nodes that have `what`, once the registry answers at all.
node_list found(broker::registry& at, broker::interest what);

// A Redis with TLS on a port beside its plain one.
class redis_with_tls {
public:
    explicit redis_with_tls(std::string const& names = "DNS:localhost,IP:127.0.0.1",
                            certificate_authority::days valid = {});

    int port() const { return port_; }
    std::string url(std::string const& host = "localhost") const;  // "rediss://localhost:…"
    std::string ca_file() const { return authority_.file(); }
    redis_server& server() { return server_; }
    // For another server with TLS, on `port`, that the same nodes trust.
    std::vector<std::string> arguments(int port, std::string const& names,
                                       certificate_authority::days valid = {}) const;
    // What makes a node speak TLS with it.
    std::function<void(broker::redis::options&)> over_tls() const;

private:
    certificate_authority authority_{"Test Authority"};
    int port_;
    redis_server server_;
};

// A node that writes down what it is told. A machine may stop for seconds: that makes no node of
// these lose its lease, nor Redis count as away.
struct node {
    explicit node(redis_server const& server, std::string id,
                  std::function<void(broker::redis::options&)> change = {});

    node_list events();
    node_list changes();  // "+room user", "-room user"
    std::vector<broker::redis::state> states();
    bool saw(std::string const& event);
    bool up();
    // Its process is killed, and the time of its lease is over.
    void die(redis_server const& server);
    bool complete() const { return registry->measured().complete; }
    std::size_t nodes() const { return registry->measured().nodes; }  // that it knows, with itself

    std::string id;
    std::mutex mutex;
    node_list events_;
    node_list changes_;
    std::vector<broker::redis::state> states_;
    std::unique_ptr<broker::redis_registry> registry;
};

// Asks all the time, on a thread of its own; counts answers that leave out the node that is there.
class watcher {
public:
    watcher(broker::registry& at, broker::interest what, node_list expected)
        : thread_([this, &at, what = std::move(what), expected = std::move(expected)] {
              while (!stop_) {
                  answer const got = lookup(at, {what});
                  if (!got) {
                      ++unknown_;
                  } else if (got->front() != expected) {
                      ++wrong_;
                  }
                  ++asked_;
              }
          }) {}
    ~watcher() { stop_ = true; }

    int wrong() const { return wrong_; }
    int unknown() const { return unknown_; }

private:
    std::atomic<bool> stop_ = false;
    std::atomic<int> wrong_ = 0;
    std::atomic<int> unknown_ = 0;
    std::atomic<int> asked_ = 0;
    std::jthread thread_;
};

// For nodes that must not wait long for a Redis that hangs, ...
void soon_away(broker::redis::options& options);
// ... for a node that has died, ...
void short_grace(broker::redis::options& options);
// ... or whose successor comes at once.
void short_lease(broker::redis::options& options);

}  // namespace tests
