#pragma once

#include "broker/ports/clock.hpp"
#include "broker/transport/sockjs/client_secret.hpp"
#include "broker/transport/sockjs/handler.hpp"
#include "broker/transport/sockjs/inbound.hpp"
#include "broker/transport/sockjs/receiver.hpp"
#include "broker/transport/timer_wheel.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// A SockJS session over HTTP: what stays the same while requests come and go (WIRE_FACTS §3.3).
//
// At most one receiver carries its frames; between two receivers they wait in a bounded queue.
// It ends when the application closes it, when a receiver is lost before its answer was complete
// (messages may be lost with it), or when no receiver came back for disconnect_delay. Its close
// frame is then served for another disconnect_delay.
//
// The application is only ever called from on_deadline, attach, take and flush: never from inside
// one of its own calls. Owned by its shard's session_registry; on that shard's thread only.

namespace broker::transport::sockjs {

class session_claim;
class session_registry;

class session final : public connection,
                      public timed,
                      public std::enable_shared_from_this<session> {
public:
    session(session_registry& registry, std::string id, client_secret secret,
            std::unique_ptr<handler> application, std::shared_ptr<session_claim> claim);
    ~session() override;
    session(session const&) = delete;
    session& operator=(session const&) = delete;

    std::string const& id() const noexcept { return id_; }
    bool belongs_to(http_request const& request) const { return secret_.matches(request); }

    // Which receiver it is that is lost.
    using ticket = std::uint64_t;
    ticket next_ticket() noexcept { return ++last_ticket_; }

    // A response that wants frames. The first one opens the session.
    void attach(std::shared_ptr<receiver> next, ticket which);

    // The peer went away before the response was complete.
    void receiver_lost(ticket which);

    // Hands the messages to the application, now or when it reads again.
    void take(inbound_batch batch);

    // Does what the last loop turn left to be done. Called by the registry.
    void flush();

    // connection
    void send(payload_ref head, payload_ref tail, frame_kind kind) override;
    bool text_only() const override { return true; }
    void close(std::uint16_t code, std::string_view reason) override;
    void abort(std::uint16_t code, std::string_view reason) override;
    void limit_messages(std::size_t) override {}  // the bound of a request's body holds
    void pause_reading() override { paused_ = true; }
    void resume_reading() override;
    bool input_overdue() const override;
    std::size_t queued_bytes() const override;
    std::string_view transport_name() const override { return transport_name_; }

    void on_deadline(steady_time now) override;

    // A send that waits because its session is slowed is answered after this, about.
    static constexpr std::chrono::seconds answer_within{10};

private:
    enum class phase : std::uint8_t {
        fresh,    // no receiver yet
        open,     // the application talks
        closing,  // the application has closed; what is queued still goes out
        closed,   // only the close frame is left
    };

    struct queued_message {
        payload_ref head;
        payload_ref tail;
    };

    struct end_of_session {
        std::uint16_t code;
        std::string reason;
    };

    void send_frame(std::string frame);
    void send_queued();
    std::string next_message_frame();
    void detach();
    std::chrono::milliseconds time_to_read() const;
    void heart_beat(steady_time now);
    void check_overflow();
    void drop_droppable();
    void deliver_inbound();
    void answer_inbound(send_outcome outcome);
    void finish(end_of_session end);
    void report_end();
    void touch();
    void count_queue() noexcept;

    session_registry& registry_;  // outlives us: owns us
    std::string id_;
    client_secret secret_;
    std::shared_ptr<session_claim> claim_;  // null without other nodes
    std::unique_ptr<handler> application_;  // null once it has been told of the end

    phase phase_ = phase::fresh;
    bool paused_ = false;
    bool interrupted_ = false;  // closed since a receiver was lost
    bool delivering_ = false;
    bool touched_ = false;  // flush() has been asked for
    bool reported_ = false;

    std::shared_ptr<receiver> receiver_;
    ticket ticket_ = 0;  // of the last receiver that was attached
    ticket last_ticket_ = 0;
    std::string_view transport_name_;
    steady_time attached_at_{};
    steady_time last_frame_{};
    std::size_t sent_bytes_ = 0;  // by this receiver
    std::size_t unsent_at_heart_beat_ = 0;

    std::vector<queued_message> queue_;
    std::size_t queued_bytes_ = 0;
    std::size_t counted_bytes_ = 0;  // of those, in the shard's metrics
    std::deque<inbound_batch> inbound_;
    // What sends are told that still wait at the end.
    send_outcome waiting_outcome_ = send_outcome::gone;

    std::string close_frame_;
    std::optional<end_of_session> end_;
};

}  // namespace broker::transport::sockjs
