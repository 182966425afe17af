#pragma once

#include "broker/ports/authenticator.hpp"
#include "broker/ports/bus.hpp"
#include "broker/registry/local_user_sessions.hpp"
#include "broker/transport/http.hpp"
#include "chat/chat_module.hpp"
#include "persistence/storage.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// A chat on a real SQLite store in a temporary directory, with the test in the place of the shard
// and of the bus.

namespace chat_tests {

// What is posted runs when the test waits for something.
class test_shard final : public broker::executor {
public:
    void post(broker::unique_function<void()> work) override;

    // Runs what is posted until `condition` holds; false after 30 s.
    bool run_until(std::function<bool()> const& condition);

private:
    std::mutex mutex_;
    std::condition_variable posted_;
    std::deque<broker::unique_function<void()>> work_;
};

class recording_bus final : public broker::bus {
public:
    void publish(std::vector<broker::bus_event> events) override;

    // In short, in order: "topic /topic/chatroom/1 {…}", "user 7 /queue/messages {…}",
    // "ended 7 /topic/chatroom/1". With the createdAt left out of the bodies.
    std::vector<std::string> take();
    bool wait_for_event();                              // false after 30 s
    std::vector<broker::message_ptr> messages() const;  // all of the topics

private:
    mutable std::mutex mutex_;
    std::condition_variable published_;
    std::vector<std::string> events_;
    std::vector<broker::message_ptr> messages_;
};

// "Bearer 7": user 7, verified. "Bearer service": a back end. "Bearer admin": an administrator.
// "Bearer guest": verified, no user. None: anonymous and believed in open mode, else refused;
// "Bearer x": refused.
class test_authenticator final : public broker::authenticator {
public:
    bool open_mode = true;
    void authenticate(broker::credentials const& offered, broker::executor& home,
                      broker::unique_function<void(broker::auth_outcome)> done) override;
};

struct answer {
    unsigned status = 0;
    std::vector<broker::transport::http_header> headers;
    std::string body;

    std::string header(std::string_view name) const;
    // The value at a JSON pointer ("/rooms/0/name") as text; "-" where there is none.
    std::string at(std::string_view pointer) const;
};

std::string json_at(std::string_view body, std::string_view pointer);

using headers = std::vector<broker::transport::http_header>;

// The headers of somebody with this token.
inline headers bearer(std::string token, headers more = {}) {
    more.push_back({"Authorization", "Bearer " + std::move(token)});
    return more;
}

broker::principal_ptr verified(std::uint64_t user, std::vector<std::string> roles = {});
broker::principal_ptr believed(std::optional<std::uint64_t> user = {});

class chat_node {
public:
    explicit chat_node(chat::chat_options options = {}, bool open_mode = true, bool outbox = false);
    ~chat_node();

    answer rest(std::string_view method, std::string_view target, std::string_view body = {},
                headers extra = {});
    // A SEND to /app; answers "ok", or the code of the refusal.
    std::string app(std::string_view destination, std::string_view body,
                    broker::principal_ptr caller = believed(), std::string_view key = {});
    // The reason of the last refusal.
    std::string const& reason() const { return reason_; }

    // Without waiting for the answer.
    broker::app_flow app_later(std::string_view destination, std::string_view body,
                               broker::principal_ptr caller,
                               std::function<void(broker::app_outcome)> done,
                               bool behind_others = false);

    // The topic's last seq, or the code of the refusal.
    std::string open_topic(std::string destination, broker::principal_ptr caller);

    chat::chat_module& module() { return *module_; }
    chat::store& store() { return storage_->store(); }
    std::unique_ptr<chat::outbox> open_outbox() { return storage_->open_outbox(); }

    // Runs `work` in a transaction of its own.
    void with_unit(std::function<void(chat::unit_of_work&)> work);

    test_shard shard;
    recording_bus bus;
    broker::local_user_sessions sessions{"here", broker::local_user_sessions::setting::alone};
    test_authenticator authenticator;

private:
    std::filesystem::path directory_;
    std::unique_ptr<persistence::storage> storage_;
    std::unique_ptr<chat::chat_module> module_;
    broker::transport::http_routes routes_;
    std::string reason_;
};

}  // namespace chat_tests
