#include "broker/session/subscription_list.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace broker {
namespace {

template <typename List, typename Predicate>
auto find_in(List& list, Predicate predicate) -> decltype(list.data()) {
    auto const found = std::find_if(list.begin(), list.end(), predicate);
    return found == list.end() ? nullptr : &*found;
}

}  // namespace

subscription& subscription_list::add(subscription added) {
    // Most sessions have one or two: no room in advance for the first.
    if (list_.empty()) list_.reserve(1);
    return list_.emplace_back(std::move(added));
}

subscription* subscription_list::find(subscription_handle handle) noexcept {
    return find_in(list_, [&](subscription const& s) { return s.handle() == handle; });
}

subscription const* subscription_list::find(subscription_handle handle) const noexcept {
    return find_in(list_, [&](subscription const& s) { return s.handle() == handle; });
}

subscription* subscription_list::find_by_id(std::string_view id) noexcept {
    return find_in(list_, [&](subscription const& s) { return s.id() == id; });
}

subscription* subscription_list::find_by_destination(std::string_view destination) noexcept {
    auto* const without_id = find_in(
        list_, [&](subscription const& s) { return !s.id() && s.destination() == destination; });
    if (without_id != nullptr) return without_id;
    return find_in(list_, [&](subscription const& s) { return s.destination() == destination; });
}

subscription const* subscription_list::find_user_queue(std::string_view queue) const noexcept {
    return find_in(list_, [&](subscription const& s) {
        return s.source() == subscription_source::user_queue && s.queue() == queue &&
               s.state() != subscription_state::ended;
    });
}

subscription subscription_list::take(subscription_handle handle) {
    auto const found = std::ranges::find(list_, handle, &subscription::handle);
    if (found == list_.end()) throw std::logic_error("no such subscription");
    auto taken = std::move(*found);
    list_.erase(found);
    if (list_.empty()) list_.shrink_to_fit();
    return taken;
}

}  // namespace broker
