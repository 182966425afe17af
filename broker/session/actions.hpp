#pragma once

#include "broker/close_reason.hpp"
#include "broker/message.hpp"
#include "broker/ports/authenticator.hpp"
#include "broker/principal.hpp"
#include "broker/session/subscription.hpp"
#include "stomp/frame.hpp"
#include "stomp/version.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// What a session asks its edge to do, in this order. The session itself writes nowhere.

namespace broker {

// Names one app send within its session.
enum class app_ticket : std::uint64_t {};

namespace action {

// A whole frame of the session's own: CONNECTED, RECEIPT, ERROR, a MESSAGE of the errors queue.
struct send_frame {
    std::string bytes;
    bool binary = false;
};

struct send_heart_beat {};

// Ask the authenticator; answer with session::on_authenticated. Comes once for CONNECT and once for
// each refresh; the session takes no frame until it is answered.
struct authenticate {
    credentials offered;
};

// The session is connected, CONNECTED follows: give the parser this version, and from now on
// session::frame_limits(); enter the caller in the registry.
struct become_connected {
    stomp::version version;
    principal_ptr caller;
};

// The caller brought fresh credentials: the same name, other roles or expiry.
struct renew_caller {
    principal_ptr caller;
};

// Make it live on the cluster path, with the messages after `after_seq` first if that is given
// (sequenced topics only); answer with session::on_subscribe_done. The session takes no frame until
// then. Messages may be delivered before the answer. What `subscription` points to is good until
// the action is performed; its texts are until end_subscription. A user queue is the caller's own;
// an anonymous caller's is reached by this session alone.
struct open_subscription {
    subscription const* opened;
    std::optional<std::uint64_t> after_seq;
};

// Deliver nothing to it any more. The last use of its texts.
struct end_subscription {
    subscription ended;
};

// To the subscribers of a generic topic. The message's id is unique in the cluster if session ids
// are.
struct publish {
    message_ptr message;
};

// To the sessions of `user` that subscribed to `queue` ("/queue/messages").
struct publish_to_user {
    std::string user;
    std::string queue;
    message_ptr message;
};

// Give it to the app_handler; then tell session::on_app_flow, and when done session::on_app_done,
// in either order. The frame and the destination are valid while this action is performed.
struct app_send {
    app_ticket ticket;
    stomp::frame const* frame;
    std::string_view destination;
    bool behind_others;  // as in app_request
};

// A message for this session alone: `head`, then message->tail(session::version()).
struct deliver {
    std::string head;
    message_ptr message;
};

// The last action of a session: close the link after what was sent.
struct close {
    close_reason reason;
    std::string detail;
};

using any = std::variant<send_frame, send_heart_beat, authenticate, become_connected, renew_caller,
                         open_subscription, end_subscription, publish, publish_to_user, app_send,
                         deliver, close>;

}  // namespace action

// A list of actions, to be reused: it keeps its memory.
//
// A list serves one session at a time. Performing may give the session outcomes at once (an app
// send that is done before it returns); what the session then appends to the same list is performed
// by the loop that is running. If performing reaches into another session, that one needs another
// list.
class actions {
public:
    template <typename Action>
    void add(Action&& next) {
        list_.emplace_back(std::forward<Action>(next));
    }

    bool empty() const noexcept { return list_.empty(); }
    std::size_t size() const noexcept { return list_.size(); }
    action::any const& operator[](std::size_t index) const noexcept { return list_[index]; }

    // Calls `performer(action)` for each, those appended meanwhile included, and empties the list.
    // Does nothing when called from inside itself.
    template <typename Performer>
    void perform(Performer&& performer) {
        if (performing_) return;
        reset_when_left guard{*this};
        performing_ = true;
        for (std::size_t i = 0; i < list_.size(); ++i) {
            auto next = std::move(list_[i]);  // the list may grow, and move, meanwhile
            std::visit(performer, std::move(next));
        }
    }

    void clear() noexcept { list_.clear(); }

    // What it keeps.
    std::size_t capacity_bytes() const noexcept { return list_.capacity() * sizeof(action::any); }

private:
    struct reset_when_left {
        actions& list;
        ~reset_when_left() {
            list.list_.clear();
            list.performing_ = false;
        }
    };

    std::vector<action::any> list_;
    bool performing_ = false;
};

}  // namespace broker
