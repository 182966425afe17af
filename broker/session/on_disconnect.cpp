#include "broker/session/session.hpp"
#include "broker/session/session_internals.hpp"

// DISCONNECT: with a receipt the client waits for it and closes; we do if it does not.

namespace broker {

void session::on_disconnect(incoming const& in) {
    transactions_.reset();
    if (!in.receipt) return end(close_reason::client_disconnect, {}, in.out);
    // What was refused among the frames before is told on the errors queue: subscriptions live
    // until the RECEIPT.
    settle(in.receipt, commit_number::none, in.out);
    phase_ = disconnecting{steady_time::max()};
    linger_when_done(in.now, in.out);
}

void session::linger_when_done(steady_time now, actions& out) {
    auto* const leaving = std::get_if<disconnecting>(&phase_);
    if (leaving == nullptr || !receipts_.idle()) return;
    end_subscriptions(out);
    leaving->deadline = now + environment_.limits.disconnect_linger;
}

}  // namespace broker
