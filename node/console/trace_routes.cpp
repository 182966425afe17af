#include "broker/gather.hpp"
#include "chat/json/audit_json.hpp"
#include "node/console/impl.hpp"
#include "node/console/trace_stream.hpp"

#include <utility>

// A look at the frames of a user or a destination.

namespace node::console {
namespace {

using chat::errc;
using chat::refusal;

constexpr std::size_t default_seconds = 60;
constexpr std::size_t most_seconds = 300;

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
    auto const user = text_parameter(asked, "user");
    if (user.has_error()) return asked.refuse(user.error());
    auto const destination = text_parameter(asked, "destination");
    if (destination.has_error()) return asked.refuse(destination.error());
    if (user->empty() == destination->empty()) {
        return asked.refuse(
            refusal(errc::bad_field, "One of the parameters 'user' and 'destination' is needed."));
    }
    auto const seconds = count_parameter(asked, "seconds", default_seconds, most_seconds);
    if (seconds.has_error()) return asked.refuse(seconds.error());
    auto seat = take_seat(traces, most_traces);
    if (seat == nullptr) return asked.refuse(too_many_traces);

    chat::new_audit_entry entry;
    entry.action = chat::audit_action::trace_begin;
    entry.origin = asked.origin(asked.caller().user);
    set_user(entry, *user);
    entry.details = chat::json::details_of(
        entry.origin, {.user = *user, .destination = *destination, .seconds = *seconds});
    auto begin = [this, seat = std::move(seat), user = *user, destination = *destination,
                  time = std::chrono::seconds(*seconds)](rest_call const& recorded) mutable {
        begin_trace(recorded, {std::move(user), std::move(destination), nullptr}, time,
                    std::move(seat));
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
