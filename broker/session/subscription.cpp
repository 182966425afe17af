#include "broker/session/subscription.hpp"

#include <algorithm>
#include <stdexcept>

namespace broker {
namespace {

std::uint16_t checked_size(std::string_view text) {
    if (text.size() > UINT16_MAX) throw std::length_error("a subscription's text is too long");
    return static_cast<std::uint16_t>(text.size());
}

}  // namespace

subscription::subscription(subscription_handle handle, std::optional<std::string_view> id,
                           std::string_view destination, std::string_view queue,
                           subscription_source source, stomp::ack_mode ack)
    : handle_(handle),
      id_size_(checked_size(id.value_or(std::string_view()))),
      destination_size_(checked_size(destination)),
      queue_size_(checked_size(queue)),
      has_id_(id.has_value()),
      source_(source),
      ack_(ack) {
    auto const size = static_cast<std::size_t>(id_size_) + destination_size_;
    texts_ = std::make_unique_for_overwrite<char[]>(size);
    if (id) std::ranges::copy(*id, texts_.get());
    std::ranges::copy(destination, texts_.get() + id_size_);
}

}  // namespace broker
