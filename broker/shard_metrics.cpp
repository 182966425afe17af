#include "broker/shard_metrics.hpp"

#include <algorithm>

namespace broker {
namespace {

constinit thread_local shard_metrics unread;
constinit thread_local shard_metrics* current = nullptr;

}  // namespace

shard_metrics& shard_metrics::here() noexcept {
    return current == nullptr ? unread : *current;
}

void shard_metrics::set_here(shard_metrics* now) noexcept {
    current = now;
}

std::uint8_t transport_index(std::string_view name) noexcept {
    auto const last = transport_labels.end() - 1;
    auto const found = std::find(transport_labels.begin(), last, name);
    return static_cast<std::uint8_t>(found - transport_labels.begin());
}

}  // namespace broker
