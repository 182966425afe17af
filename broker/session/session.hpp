#pragma once

#include "broker/close_reason.hpp"
#include "broker/message.hpp"
#include "broker/ports/app_handler.hpp"
#include "broker/ports/authenticator.hpp"
#include "broker/ports/authorizer.hpp"
#include "broker/ports/clock.hpp"
#include "broker/ports/sequenced_topics.hpp"
#include "broker/principal.hpp"
#include "broker/routing/destination.hpp"
#include "broker/session/actions.hpp"
#include "broker/session/heart_beat_monitor.hpp"
#include "broker/session/pending_acks.hpp"
#include "broker/session/receipts.hpp"
#include "broker/session/session_limits.hpp"
#include "broker/session/subscription.hpp"
#include "broker/session/subscription_list.hpp"
#include "broker/session/transactions.hpp"
#include "stomp/frame_parser.hpp"
#include "stomp/version.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

// A STOMP session, from its connection's opening to its end (STOMP 1.0, 1.1, 1.2): a state machine
// that is given frames, outcomes and time, and appends what is to be done.
//
// Its edge (the peer) owns the link, the parser and the timer. It feeds one frame at a time, lets
// the actions be performed, and feeds no further frame while suspended() is true. Frames are
// carried out strictly in the order of their arrival; RECEIPTs leave in that order too.
// Everything on the session's shard thread; no call comes from inside another, but for outcomes
// given while actions are performed. After action::close every call does nothing.

namespace broker {

// What the sessions of a node share. All of it outlives them.
struct session_environment {
    session_limits const& limits;
    authorizer const& access;
    sequenced_topics const& topics;
};

inline constexpr std::size_t max_session_id_bytes = 64;

// How a session begins.
struct session_start {
    std::string id;  // unique in the cluster; of [A-Za-z0-9_-]; short: part of every message id
    link_traits link;
    principal_ptr caller;  // whom the handshake authenticated, if it did
    steady_time now;
    wall_time wall_now;
};

class session {
public:
    session(session_environment const& environment, session_start start);
    ~session();
    session(session const&) = delete;
    session& operator=(session const&) = delete;

    // --- what the client did

    // The frame's views must stay valid until the actions have been performed.
    void on_frame(stomp::frame const& frame, steady_time now, actions& out);
    // The frame comes too fast after those before it, and is not carried out: ERROR, which says
    // when to come back, and close.
    void on_frame_too_fast(stomp::frame const& frame, std::chrono::milliseconds retry_after,
                           actions& out);
    // The stream cannot be read on: ERROR and close.
    void on_parse_error(stomp::parse_error const& error, actions& out);
    // Any bytes, heart-beats and answers to pings included.
    void on_bytes_received(steady_time now) noexcept { heart_beats_.on_received(now); }
    // Anything the client sees as data.
    void on_bytes_sent(steady_time now) noexcept { heart_beats_.on_sent(now); }

    // --- time

    // Call at next_deadline() or later; early and late calls do no harm.
    void on_time(steady_time now, wall_time wall_now, actions& out);
    // steady_time::max() if there is none. It may have moved either way after any other call; a
    // timer set for an earlier time may be left as it is and asks again when it fires.
    steady_time next_deadline() const noexcept;

    // --- outcomes of actions

    void on_authenticated(auth_outcome outcome, steady_time now, actions& out);
    // Without a refusal the subscription is live and its RECEIPT may go.
    void on_subscribe_done(subscription_handle handle, std::optional<topic_refusal> refusal,
                           actions& out);
    // What app_handler::on_app_send returned; the action's views are valid yet.
    void on_app_flow(action::app_send const& sent, app_flow flow, actions& out);
    // What it answered, perhaps before it returned.
    void on_app_done(app_ticket ticket, app_outcome outcome, steady_time now, actions& out);

    // --- what others do to the session

    // A message is about to be sent to a subscription with needs_acks(): enters it in the ledger
    // and returns the head to send before message->tail(version()). Nothing if the subscription is
    // gone, or if the client has left too many unacknowledged (then an ERROR and close are
    // appended). Subscriptions with ack mode auto do without this call.
    std::optional<std::string> on_deliver(subscription_handle handle, message_ptr const& message,
                                          actions& out);
    // The caller may no longer read it, or an operator ended it: nothing is delivered any more; the
    // client is told on its errors queue.
    void on_subscription_ended(subscription_handle handle, topic_refusal const& why, actions& out);
    // Ends the session for a reason of the node's: ERROR with the reason's text and `detail`, then
    // close. With `retry_after` the ERROR has the header retry-after, in milliseconds.
    void on_close_requested(close_reason reason, std::string_view detail,
                            std::optional<std::chrono::milliseconds> retry_after, actions& out);

    // --- state

    // True while no frame may be fed: credentials are being checked, a SUBSCRIBE waits, a barrier
    // or too many app sends are under way, one waits for those before it, a COMMIT is being carried
    // out.
    bool suspended() const noexcept;
    // action::close has been appended.
    bool closed() const noexcept { return std::holds_alternative<ended>(phase_); }
    // The client has sent DISCONNECT.
    bool leaving() const noexcept { return std::holds_alternative<disconnecting>(phase_); }
    bool connected() const noexcept { return std::holds_alternative<connected_phase>(phase_); }

    std::string const& id() const noexcept { return id_; }
    stomp::version version() const noexcept { return version_; }
    // Null until somebody is authenticated.
    principal_ptr const& caller() const noexcept { return caller_; }
    // What the parser may accept now.
    stomp::limits const& frame_limits() const noexcept;
    subscription_list const& subscriptions() const noexcept { return subscriptions_; }
    // Null if it is gone.
    subscription const* find_subscription(subscription_handle handle) const noexcept {
        return subscriptions_.find(handle);
    }
    std::uint64_t frames_received() const noexcept { return frames_; }
    stomp::heart_beat_plan heart_beats() const noexcept { return heart_beats_.plan(); }
    // Deliveries to the subscription that the client has not settled.
    std::size_t pending(subscription_handle handle) const noexcept {
        return acks_ ? acks_->count(handle) : 0;
    }

private:
    struct dispatch;  // the command table
    struct incoming;  // a frame and its circumstances
    struct refusal;   // why a frame is answered with ERROR

    // The phases. What a phase does not have cannot be said in it.
    struct awaiting_connect {
        steady_time deadline;
    };
    struct authenticating {
        steady_time deadline;
        stomp::heart_beat_plan heart_beats;
    };
    // A frame that waits for an outcome; while there is one the session is suspended.
    struct waiting_frame {
        std::optional<std::string> receipt;
        std::uint64_t number;
        subscription_handle opening;  // of a SUBSCRIBE; none: a refresh of the credentials
    };
    struct connected_phase {
        std::unique_ptr<waiting_frame> waiting;
    };
    struct disconnecting {
        steady_time deadline;  // for the client to close; max(): its RECEIPT has to wait
    };
    struct ended {};
    using phase =
        std::variant<awaiting_connect, authenticating, connected_phase, disconnecting, ended>;

    // A COMMIT being carried out, frame by frame.
    struct commit_run {
        std::vector<kept_frame> frames;
        std::size_t next = 0;
        std::optional<std::string> receipt;
        commit_number number = commit_number::none;
        std::uint64_t frame_number = 0;
        steady_time begun;
        app_ticket flow_awaited{};  // the app send whose flow the next frame waits for
        bool failed = false;        // an app send of it failed: no RECEIPT
    };

    // One per command family, each in the file of that name.
    void on_connect(incoming const& in);
    void on_send(incoming const& in);
    void on_subscribe(incoming const& in);
    void on_unsubscribe(incoming const& in);
    void on_ack(incoming const& in);
    void on_begin(incoming const& in);
    void on_commit(incoming const& in);
    void on_abort(incoming const& in);
    void on_disconnect(incoming const& in);

    // on_connect
    void connect_as(principal_ptr caller, stomp::heart_beat_plan plan, steady_time now,
                    actions& out);
    void refresh(incoming const& in);
    void finish_refresh(waiting_frame const& waiting, auth_outcome outcome, steady_time now,
                        actions& out);
    void beat_if_due(steady_time now, actions& out);
    void on_refused_refresh(waiting_frame const& waiting, auth_refusal const& refused,
                            actions& out);
    void end_expired(std::optional<std::string_view> receipt, actions& out);
    bool expired(principal const& caller, steady_time now) const noexcept;
    steady_time to_steady(wall_time time) const noexcept;

    // on_send
    std::optional<refusal> send_refusal(stomp::frame const& frame,
                                        boost::system::result<destination> const& to) const;
    void carry_out_send(incoming const& in);
    void begin_app_send(incoming const& in, std::string_view destination);
    void defer(action::app_send const& sent, actions& out);
    void begin_deferred(actions& out);
    void on_app_failure(owed_receipt& owed, app_error error, actions& out);
    void tell_error(subscription const& errors, std::string_view json, actions& out);

    // on_subscribe
    std::optional<refusal> subscribe_refusal(destination const& to) const;
    subscription_source source_of(destination const& to) const;
    bool is_caller(std::string_view user) const;
    void end_subscriptions(actions& out);

    // on_ack
    void carry_out_ack(incoming const& in);
    std::vector<pending_ack> settled_by(stomp::frame const& frame);
    bool lawful_though_unknown(stomp::frame const& frame) const;
    void redeliver(pending_ack delivery, actions& out);
    std::string enter_delivery(subscription const& to, message_ptr message, std::uint32_t attempt);

    // on_transaction
    void keep_for_commit(incoming const& in, std::string_view transaction);
    void refuse_transaction(incoming const& in, std::string_view name, transaction_errc why);
    std::optional<std::vector<kept_frame>> take_transaction(incoming const& in);
    void continue_commit(actions& out);

    // what all use
    void done(incoming const& in);
    void settle(std::optional<std::string_view> receipt, commit_number commit, actions& out);
    void send_receipt(std::string_view receipt, actions& out) const;
    void send_ready_receipts(actions& out);
    void linger_when_done(steady_time now, actions& out);
    void refuse(incoming const& in, refusal const& why);
    void fail(refusal const& why, std::optional<std::string_view> receipt, actions& out);
    void end(close_reason reason, std::string_view detail, actions& out);

    session_environment const& environment_;
    std::string id_;
    phase phase_;
    principal_ptr caller_;
    heart_beat_monitor heart_beats_;
    subscription_list subscriptions_;
    receipts receipts_;
    std::unique_ptr<pending_acks> acks_;          // from the first delivery that needs one
    std::unique_ptr<transactions> transactions_;  // while any is open
    std::unique_ptr<commit_run> commit_;
    std::unique_ptr<kept_frame> deferred_;  // the barrier's, while it waits for those before it
    std::chrono::nanoseconds wall_offset_;  // wall clock minus steady clock, as last seen
    std::uint64_t frames_ = 0;
    std::uint64_t last_message_ = 0;
    app_ticket last_ticket_{};
    app_ticket barrier_{};  // the app send that bars the frames behind it; zero: none
    subscription_handle last_subscription_ = subscription_handle::none;
    commit_number last_commit_ = commit_number::none;
    stomp::version version_ = stomp::version::v1_0;
    link_traits link_;
    bool ack_subscription_ended_ = false;  // so ACKs of it may still be on their way
};

}  // namespace broker
