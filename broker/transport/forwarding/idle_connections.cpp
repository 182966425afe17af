#include "broker/transport/forwarding/idle_connections.hpp"

#include <sys/socket.h>
#include <algorithm>
#include <cerrno>
#include <utility>

namespace broker::transport {
namespace {

// What comes unasked is the end, or nothing that an answer could begin behind.
bool is_quiet(byte_stream const& stream) {
    char byte = 0;
    auto const got = ::recv(stream.descriptor(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace

idle_connections::idle_connections(loop& home, forward_options const& options)
    : home_(home), options_(options) {}

idle_connections::~idle_connections() = default;

byte_stream idle_connections::take(std::string const& address) {
    auto const found = by_address_.find(address);
    if (found == by_address_.end()) return {};
    auto& kept = found->second;
    while (!kept.empty()) {
        auto stream = std::move(kept.back().stream);
        kept.pop_back();
        if (is_quiet(stream)) return stream;
    }
    return {};
}

void idle_connections::keep(std::string const& address, byte_stream stream) {
    if (options_.idle_connections == 0) return;
    auto& kept = by_address_[address];
    if (kept.size() >= options_.idle_connections) return;
    kept.push_back({std::move(stream), home_.now()});
    if (std::exchange(waiting_, true)) return;
    home_.timers().set(*this, home_.now() + options_.idle_timeout);
}

void idle_connections::on_deadline(steady_time now) {
    auto next = steady_time::max();
    for (auto each = by_address_.begin(); each != by_address_.end();) {
        auto& kept = each->second;
        auto const young = std::ranges::find_if(
            kept, [&](entry const& one) { return one.since + options_.idle_timeout > now; });
        kept.erase(kept.begin(), young);
        if (kept.empty()) {
            each = by_address_.erase(each);
            continue;
        }
        next = std::min(next, kept.front().since + options_.idle_timeout);
        ++each;
    }
    waiting_ = next != steady_time::max();
    if (waiting_) home_.timers().set(*this, next);
}

}  // namespace broker::transport
