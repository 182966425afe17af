#include "broker/routing/room_sequencer.hpp"

#include <iterator>
#include <utility>

namespace broker::routing {

void room_sequencer::start(std::uint64_t last, std::vector<message_ptr>& out) {
    last_ = last;
    ahead_.erase(ahead_.begin(), ahead_.upper_bound(last));
    release(out);
}

void room_sequencer::take(message_ptr what, std::vector<message_ptr>& out) {
    std::uint64_t const seq = what->seq();
    if (started() && seq <= *last_) return;
    if (started() && seq == *last_ + 1) {
        last_ = seq;
        out.push_back(std::move(what));
        if (!ahead_.empty()) release(out);
        return;
    }
    if (seq > highest_seen_) highest_seen_ = seq;
    ahead_.emplace(seq, std::move(what));
    if (ahead_.size() > max_held) ahead_.erase(std::prev(ahead_.end()));
}

void room_sequencer::release(std::vector<message_ptr>& out) {
    while (!ahead_.empty() && ahead_.begin()->first == *last_ + 1) {
        last_ = ahead_.begin()->first;
        out.push_back(std::move(ahead_.begin()->second));
        ahead_.erase(ahead_.begin());
    }
}

}  // namespace broker::routing
