#pragma once

#include "broker/session/session.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// A session with a node around it that is small enough to see through: the edge, the parser, a
// router of one session, an application, accounts. What the client would see, and the close, come
// out as text.

namespace test {

using namespace std::chrono_literals;

std::string visible(std::string_view bytes);  // NUL as "^@"
std::string hidden(std::string_view text);    // "^@" as NUL

// Does the frame have this line?
bool has_line(std::string_view frame, std::string_view line);

// Allowed are /topic/open/** and, for the role "server", everything.
class stub_rules final : public broker::authorizer {
public:
    bool may_send(broker::principal const& caller, std::string_view destination) const override;
    bool may_subscribe(broker::principal const& caller,
                       std::string_view destination) const override;
};

// Owns /topic/chatroom/...
class stub_topics final : public broker::sequenced_topics {
public:
    bool owns(std::string_view destination) const override {
        return destination.starts_with("/topic/chatroom/");
    }
    std::string_view room_of(std::string_view) const override { return {}; }
    std::string_view access_ended_by(broker::message const&) const override { return {}; }
    void open(std::string, broker::principal_ptr, broker::executor&,
              broker::unique_function<void(broker::open_outcome)>) override {}
    void read_after(std::string, std::uint64_t, std::size_t, broker::executor&,
                    broker::unique_function<void(broker::history_outcome)>) override {}
    void last_seqs(std::vector<std::string>, broker::executor&,
                   broker::unique_function<void(broker::last_seqs_outcome)>) override {}
};

broker::principal_ptr make_principal(std::string name, std::vector<std::string> roles = {},
                                     std::optional<broker::wall_time> expires_at = std::nullopt);

// An app send that waits for its outcome.
struct held_app_send {
    broker::app_ticket ticket;
    std::string destination;
    std::string body;
};

struct node_options {
    broker::link_traits link;
    broker::principal_ptr caller;
    broker::session_limits limits;
    std::string session_id = "s1";
};

class node_stub {
public:
    explicit node_stub(node_options options = {});

    // Bytes from the client; "^@" stands for NUL. Held back while the session is suspended.
    void receive(std::string_view text) { receive_bytes(hidden(text)); }
    void receive_bytes(std::string_view bytes);
    // CONNECT and CONNECTED of a version, out of the way.
    void connect(std::string_view version = "1.2", std::string_view more_headers = "");
    void pass(std::chrono::milliseconds time);

    // The outcomes that are held: answered in any order.
    void app_done(std::size_t index = 0, broker::app_outcome outcome = {});
    void authenticated(broker::auth_outcome outcome);
    void subscribed(std::optional<broker::topic_refusal> refusal = std::nullopt);
    // A message for whoever subscribed to its destination.
    void publish(broker::message_fields fields);
    void end_subscription(std::string_view id, broker::topic_refusal why);
    void request_close(broker::close_reason reason, std::string_view detail,
                       std::optional<std::chrono::milliseconds> retry_after = std::nullopt);

    // Everything out since the last call: frames with "^@" for NUL, "(heart-beat)",
    // "(close LABEL)".
    std::vector<std::string> take();
    // The only one; fails the test otherwise.
    std::string take_one();

    // How the node behaves. Without these: accounts alice/secret, bob/secret, and nobody for who
    // offers nothing; app sends to /app/slow... and /app/barrier... are held, as are those to
    // /app/alone..., which wait for those before them, too; /app/fail... fail, others are done at
    // once; rooms are held to be opened, other topics are open at once.
    std::function<std::optional<broker::auth_outcome>(broker::credentials const&)> authenticate;

    // Sees every frame that goes out, as it is.
    std::function<void(std::string_view frame)> on_frame_out;

    broker::session& session() { return session_; }
    broker::steady_time now() const { return now_; }
    broker::wall_time wall_now() const { return wall_now_; }
    std::deque<held_app_send> held;  // app sends in flight
    std::vector<broker::credentials> asked;
    std::vector<broker::message_ptr> published;
    std::vector<broker::action::publish_to_user> published_to_users;
    std::vector<std::string> app_sends;  // destinations in the order performed
    std::vector<std::string> opened;     // destinations, with "@17" for after_seq
    std::vector<std::string> ended;
    std::vector<broker::principal_ptr> callers;
    std::optional<stomp::version> version;

    // A SUBSCRIBE to a room waits for subscribed().
    bool opening() const { return opening_ != broker::subscription_handle::none; }

    void perform();

private:
    void feed();
    void on(broker::action::send_frame&& a);
    void on(broker::action::send_heart_beat&& a);
    void on(broker::action::authenticate&& a);
    void on(broker::action::become_connected&& a);
    void on(broker::action::renew_caller&& a);
    void on(broker::action::open_subscription&& a);
    void on(broker::action::end_subscription&& a);
    void on(broker::action::publish&& a);
    void on(broker::action::publish_to_user&& a);
    void on(broker::action::app_send&& a);
    void on(broker::action::deliver&& a);
    void on(broker::action::close&& a);
    void emit(std::string bytes);
    void fan_out(broker::message_ptr const& message);

    broker::session_limits limits_;
    stub_rules rules_;
    stub_topics topics_;
    broker::session_environment environment_;
    broker::steady_time now_{std::chrono::hours(5)};
    broker::wall_time wall_now_{std::chrono::sys_days(std::chrono::year(2025) / 1 / 9)};
    broker::session session_;
    broker::actions actions_;
    stomp::frame_parser parser_;
    stomp::header_scratch scratch_;
    std::string input_;
    std::vector<std::string> out_;
    broker::subscription_handle opening_ = broker::subscription_handle::none;
};

}  // namespace test
