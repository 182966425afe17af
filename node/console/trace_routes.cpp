#include "broker/gather.hpp"
#include "chat/json/audit_json.hpp"
#include "node/console/impl.hpp"
#include "node/console/questions.hpp"
#include "node/console/trace_stream.hpp"

#include <cstdint>
#include <utility>

// A look at the frames of a user or a destination.

namespace node::console {
namespace {

constexpr chat::rest::problem too_many_traces{429, "too_many_traces", "Too many traces.",
                                              "As many traces as a node may have are under way."};

// One of the traces that a node may have; gone with its last copy.
std::shared_ptr<void> take_seat(std::shared_ptr<std::atomic<std::size_t>> const& taken,
                                std::size_t most) {
    if (taken->fetch_add(1) >= most) {
        taken->fetch_sub(1);
        return nullptr;
    }
    return {taken.get(), [taken](void*) { taken->fetch_sub(1); }};
}

}  // namespace

void service::impl::trace(rest_call asked) {
    auto const question = read_trace_question(asked.request());
    if (question.has_error()) return asked.refuse(question.error());
    auto seat = take_seat(traces, most_traces);
    if (seat == nullptr) return asked.refuse(too_many_traces);

    chat::new_audit_entry entry;
    entry.action = chat::audit_action::trace_begin;
    entry.origin = asked.origin(asked.caller().user);
    set_user(entry, question->user);
    entry.details = chat::json::details_of(
        entry.origin, {.user = question->user,
                       .destination = question->destination,
                       .seconds = static_cast<std::uint64_t>(question->time.count())});
    auto begin = [this, seat = std::move(seat),
                  question = *question](rest_call const& recorded) mutable {
        begin_trace(recorded, {std::move(question.user), std::move(question.destination), nullptr},
                    question.time, std::move(seat));
    };
    record(std::move(asked), std::move(entry), std::move(begin));
}

void service::impl::begin_trace(rest_call const& asked, broker::frame_trace wish,
                                std::chrono::seconds time, std::shared_ptr<void> seat) {
    auto& home = *broker::transport::loop::current();
    auto const what = std::make_shared<broker::frame_trace>(std::move(wish));
    auto on_end = [this, &home, seat = std::move(seat),
                   known = std::weak_ptr<broker::frame_trace const>(what)]() mutable {
        auto const ended = known.lock();
        if (ended == nullptr) return;
        auto forget = [ended](broker::shard& where) -> int {
            where.remove_trace(*ended);
            return 0;
        };
        // The seat is free when no shard shows anything any more.
        broker::gather(with.sessions, home, std::move(forget),
                       [seat = std::move(seat)](std::vector<int> const&) {});
    };
    auto const stream =
        std::make_shared<trace_stream>(asked.exchange(), home, time, std::move(on_end));
    what->to = stream;
    stream->watch_reader();
    auto show = [what](broker::shard& where) -> int {
        where.add_trace(what);
        return 0;
    };
    broker::gather(with.sessions, home, std::move(show),
                   [stream](std::vector<int> const&) { stream->begin(); });
}

}  // namespace node::console
