#pragma once

#include "broker/close_reason.hpp"
#include "broker/inspection.hpp"
#include "broker/peer/link_origin.hpp"
#include "broker/peer/sender_pace.hpp"
#include "broker/ports/app_handler.hpp"
#include "broker/ports/authenticator.hpp"
#include "broker/ports/clock.hpp"
#include "broker/ports/journal.hpp"
#include "broker/ports/sequenced_topics.hpp"
#include "broker/routing/router.hpp"
#include "broker/routing/subscription.hpp"
#include "broker/session/session.hpp"
#include "broker/trace_context.hpp"
#include "broker/transport/link.hpp"
#include "broker/transport/timer_wheel.hpp"
#include "stomp/frame_parser.hpp"

#include <boost/intrusive/list_hook.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The edge of a STOMP session: feeds it frames, outcomes and time, and performs what it answers on
// the link, in the router, and through the node's services. What the session decides is in
// broker/session. While the node's brake is on, a session that sends is fed at a pace, and so is
// one that does more than its limits allow.
//
// Held by its link; what works elsewhere for it holds it weakly. On the shard's thread only.

namespace broker {

class shard;

using peer_hook =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

class stomp_peer final : public std::enable_shared_from_this<stomp_peer>,
                         public routing::subscriber,
                         public peer_hook,
                         private transport::timed {
public:
    // `out` calls on_link_closed() before it goes.
    stomp_peer(shard& where, transport::link& out, link_traits traits, link_origin from);
    ~stomp_peer() override;

    // Once, before anything else.
    void on_open();

    // Bytes from the client, changed in place. `ends_text_message`: they end a WebSocket text
    // message.
    void on_bytes(std::span<char> bytes, bool ends_text_message);

    // A ping was answered, or anything else that shows life but brings no bytes.
    void on_alive();

    // The link's queue is over its bound: the reader is too slow.
    void on_overflow();

    // The link is gone; nothing may be sent any more. `websocket_code`: how, where the transport
    // knows (RFC 6455 §7.4); 1006 otherwise.
    void on_link_closed(std::uint16_t websocket_code = 1006);

    // For a reason of the node's own: ERROR, then close.
    void request_close(close_reason reason, std::string_view detail,
                       std::optional<std::chrono::milliseconds> back_after = std::nullopt);

    // For operators. A session is one from when its CONNECT was accepted to when it is told to end.
    std::string const& session_id() const noexcept { return session_.id(); }
    bool is_session() const noexcept {
        return link_ != nullptr && counted_connected_ && !session_.closed();
    }
    bool is_of(std::string_view user) const;
    bool fits(session_question const& question) const;
    session_report report() const;
    session_details details() const;
    std::size_t queued_bytes() const { return link_ == nullptr ? 0 : link_->queued_bytes(); }
    // As if its user might not read it any more. False: there is none.
    bool end_subscription(std::string_view id, std::string_view why);

    // routing::subscriber
    void deliver_for_ack(routing::subscription& to, message_ptr const& what) override;
    std::string_view user() const override { return user_; }
    void on_access_ended(routing::subscription& which, std::string_view destination) override;

private:
    struct live_subscription;

    void feed(std::span<char> bytes, bool ends_text_message);
    // No further frame may be fed now: the session is suspended, or it waits as a slowed sender.
    bool must_wait() const noexcept { return session_.suspended() || pace_.waiting(); }
    // The session hears of the subscriptions that ended since: before its next frame or outcome, as
    // the frame behind a LEAVE may be a SUBSCRIBE with the same id.
    void tell_ended();
    // Feeds what was held back meanwhile, as far as it goes now.
    void feed_held();
    void hold(std::span<char> rest, bool ends_text_message);
    void finish_turn();
    void perform_all();
    // A SEND has gone to the bus.
    void slow_down();
    // What the frame costs is paid, perhaps with a wait behind it. False: it was refused instead.
    bool pay_for(stomp::frame const& frame, steady_time now);
    void set_timer();
    void on_deadline(steady_time now) override;

    void perform(action::send_frame what);
    void perform(action::send_heart_beat);
    void perform(action::authenticate const& what);
    void perform(action::become_connected const& what);
    void perform(action::renew_caller const& what);
    void perform(action::open_subscription what);
    void perform(action::end_subscription what);
    void perform(action::publish what);
    void perform(action::publish_to_user what);
    void perform(action::app_send what);
    void perform(action::deliver what);
    void perform(action::close const& what);
    void hand_over(action::deliver what);

    void count_opened();
    void count_closed(std::uint16_t websocket_code);
    // Limits of those who connect: why they may not now.
    std::optional<auth_refusal> login_refused();
    std::optional<auth_refusal> user_refused(principal const& who);
    void on_checked(auth_outcome outcome);
    // A request under way that the log is to hear of.
    struct noted_request {
        noted_request(std::string where, trace_ptr of)
            : destination(std::move(where)), trace(std::move(of)) {}
        std::string destination;
        trace_ptr trace;
    };
    void note(noted_request const& what, app_outcome const& outcome) const;
    session_facts facts() const;
    // Null when nobody wants to read of this session.
    journal* log() const;
    void enter_directory(auth_outcome outcome);
    void on_authenticated(auth_outcome outcome);
    live_subscription* find(subscription_handle handle);
    void open_room(live_subscription& entry, subscription const& opened,
                   std::optional<std::uint64_t> after_seq);
    void on_live(subscription_handle handle, std::optional<topic_refusal> refusal);
    void drop(live_subscription& which);
    void enter_room(live_subscription& which);
    void leave_room(live_subscription& which, std::string_view destination);
    // The session is over for everybody else.
    void leave_all();

    shard& shard_;
    std::unique_ptr<credentials> handshake_;  // null if there were none, and once they were used
    transport::link* link_;                   // null once it is closed
    stomp::frame_parser parser_;
    session session_;
    std::string user_;
    bool entered_ = false;  // in the directory, under user_
    std::vector<std::unique_ptr<live_subscription>> subscriptions_;
    struct ended_subscription {
        subscription_handle handle;
        topic_refusal why;
    };
    std::vector<ended_subscription> ended_;  // and the session was not told yet
    // Bytes that came before the session could take them; empty nearly always.
    std::vector<char> held_;
    bool held_ends_text_message_ = false;
    bool feeding_ = false;
    bool counted_connected_ = false;
    std::uint8_t transport_ = 0;                  // of transport_labels
    std::optional<close_reason> closed_because_;  // what the session said, if it did
    std::uint32_t opened_second_ = 0;             // of the steady clock
    limiting::session_pass pass_;
    std::optional<limiting::client_address> address_;
    sender_pace pace_;
    steady_time timer_due_ = steady_time::max();
    steady_time last_timer_ = {};
};

}  // namespace broker
