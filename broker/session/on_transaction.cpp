#include "broker/session/session.hpp"
#include "broker/session/session_internals.hpp"

#include <utility>

// BEGIN, COMMIT and ABORT.
//
// A frame of a transaction is kept, and its RECEIPT means just that. COMMIT carries the frames out
// in their order, as if they came then, and its RECEIPT means that all of them were carried out. If
// the application refuses one, that one is reported as any refused SEND is, with the COMMIT's
// receipt, and the COMMIT gets no RECEIPT; the other frames stand. STOMP's transactions bundle,
// they cannot undo.

namespace broker {
namespace {

std::string_view name_of(stomp::frame const& frame) {
    return frame.get("transaction");
}

}  // namespace

void session::on_begin(incoming const& in) {
    if (!transactions_) transactions_ = std::make_unique<transactions>();
    auto const why = transactions_->begin(name_of(in.frame), environment_.limits);
    if (why) return refuse_transaction(in, name_of(in.frame), *why);
    done(in);
}

void session::keep_for_commit(incoming const& in, std::string_view name) {
    if (!transactions_) return refuse_transaction(in, name, transaction_errc::not_open);
    auto const why = transactions_->keep(name, in.frame, environment_.limits);
    if (why) return refuse_transaction(in, name, *why);
    done(in);
}

void session::on_abort(incoming const& in) {
    if (!take_transaction(in)) return;
    done(in);
}

void session::on_commit(incoming const& in) {
    auto frames = take_transaction(in);
    if (!frames) return;
    last_commit_ = static_cast<commit_number>(static_cast<std::uint32_t>(last_commit_) + 1);
    commit_ = std::make_unique<commit_run>();
    commit_->frames = std::move(*frames);
    commit_->number = last_commit_;
    commit_->frame_number = in.number;
    commit_->begun = in.now;
    if (in.receipt) commit_->receipt = std::string(*in.receipt);
    continue_commit(in.out);
}

std::optional<std::vector<kept_frame>> session::take_transaction(incoming const& in) {
    std::optional<std::vector<kept_frame>> frames;
    if (transactions_) frames = transactions_->take(name_of(in.frame));
    if (!frames) refuse_transaction(in, name_of(in.frame), transaction_errc::not_open);
    if (frames && transactions_->empty()) transactions_.reset();
    return frames;
}

// Goes on until an app send has to be waited for, or the end.
void session::continue_commit(actions& out) {
    while (!closed() && commit_ && commit_->flow_awaited == app_ticket{} &&
           barrier_ == app_ticket{} &&
           receipts_.size() < environment_.limits.max_app_sends_in_flight) {
        if (commit_->next == commit_->frames.size()) {
            auto const finished = std::move(commit_);
            if (!finished->failed) settle(finished->receipt, finished->number, out);
            return;
        }
        auto const& frame = commit_->frames[commit_->next++].frame();
        incoming const in{frame, commit_->begun, commit_->frame_number, commit_->receipt,
                          out,   commit_->number};
        if (frame.command == stomp::command::send) {
            carry_out_send(in);
        } else {
            carry_out_ack(in);
        }
    }
}

void session::refuse_transaction(incoming const& in, std::string_view name, transaction_errc why) {
    auto const& limits = environment_.limits;
    auto const subject = "The transaction " + quoted(name);
    switch (why) {
        case transaction_errc::already_open:
            return refuse(in, {.message = "transaction already open",
                               .detail = subject + " was begun before"});
        case transaction_errc::not_open:
            return refuse(in,
                          {.message = "no such transaction", .detail = subject + " is not open"});
        case transaction_errc::too_many:
            return refuse(
                in, {.message = "too many transactions",
                     .detail = "A session may have " + std::to_string(limits.max_transactions) +
                               " open transactions"});
        case transaction_errc::too_many_frames:
            return refuse(in, {.message = "transaction too big",
                               .detail = subject + " has the most frames that one may have, " +
                                         std::to_string(limits.max_transaction_frames)});
        case transaction_errc::too_many_bytes:
            return refuse(in, {.message = "transaction too big",
                               .detail = subject + " would exceed " +
                                         std::to_string(limits.max_transaction_bytes) + " bytes"});
        case transaction_errc::name_too_long:
            return refuse(in, {.message = "transaction name too long",
                               .detail = "A transaction's name may have " +
                                         std::to_string(limits.max_id_bytes) + " bytes"});
    }
}

}  // namespace broker
