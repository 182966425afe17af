#include "broker/frame_tracer.hpp"
#include "broker/shard_sessions.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

// What operators see of a shard, and do to its sessions. Each looks at all of them: operators are
// few.

namespace broker {

session_listing shard::list_sessions(session_question const& question) const {
    std::vector<stomp_peer const*> fitting;
    // The newest first.
    auto const& all = sessions_->peers;
    for (auto at = all.rbegin(); at != all.rend(); ++at) {
        if (!at->is_session() || !at->fits(question)) continue;
        fitting.push_back(&*at);
        // One more than is wanted says that there are more; of the slow ones the slowest count.
        if (!question.slow && fitting.size() > question.limit) break;
    }
    if (question.slow) {
        std::ranges::stable_sort(fitting, std::ranges::greater(), &stomp_peer::queued_bytes);
    }
    session_listing out;
    out.more = fitting.size() > question.limit;
    if (out.more) fitting.resize(question.limit);
    for (auto const* each : fitting) out.sessions.push_back(each->report());
    return out;
}

std::vector<destination_report> shard::busiest_destinations(std::size_t most) const {
    std::vector<destination_report> out;
    router_.for_each_destination([&out](std::string_view name, std::size_t count) {
        out.push_back({std::string(name), count});
    });
    if (out.size() <= most) return out;
    auto const last = out.begin() + static_cast<std::ptrdiff_t>(most);
    std::ranges::nth_element(out, last, std::ranges::greater(), &destination_report::subscribers);
    out.erase(last, out.end());
    return out;
}

std::shared_ptr<stomp_peer> shard::find_session(std::string_view id) const {
    for (auto& each : sessions_->peers) {
        if (each.is_session() && each.session_id() == id) return each.shared_from_this();
    }
    return nullptr;
}

void shard::close_sessions_of(std::vector<std::string> const& users, close_reason reason,
                              std::string_view detail) {
    std::vector<std::shared_ptr<stomp_peer>> theirs;
    for (auto& each : sessions_->peers) {
        if (std::ranges::any_of(users, [&](auto const& user) { return each.is_of(user); })) {
            theirs.push_back(each.shared_from_this());
        }
    }
    for (auto const& each : theirs) each->request_close(reason, detail);
}

void shard::add_trace(std::shared_ptr<frame_trace const> what) {
    if (tracer_ == nullptr) tracer_ = std::make_unique<frame_tracer>();
    tracer_->add(std::move(what));
    router_.watch_with(tracer_.get());
}

void shard::remove_trace(frame_trace const& what) {
    if (tracer_ == nullptr || tracer_->remove(what)) return;
    router_.watch_with(nullptr);
    tracer_.reset();
}

}  // namespace broker
