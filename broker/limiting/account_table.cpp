#include "broker/limiting/account_table.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace broker::limiting {
namespace {

// How many are looked at for one that can go. Those in use go to the other end meanwhile, so that
// the next look finds others.
constexpr int looks = 8;

}  // namespace

account_table::account_table(std::size_t capacity)
    : capacity_(std::max<std::size_t>(1, capacity / stripes)) {}

account_ptr account_table::at(std::string_view key, steady_time now) {
    auto& in = stripes_[std::hash<std::string_view>{}(key) % stripes];
    std::lock_guard const guard(in.mutex);
    if (auto const known = in.by_key.find(key); known != in.by_key.end()) {
        in.by_use.splice(in.by_use.end(), in.by_use, known->second);
        return known->second->what;
    }
    if (in.by_use.size() >= capacity_) make_room(in, now);
    auto& made = in.by_use.emplace_back(entry{std::string(key), account_ptr(new account)});
    in.by_key.emplace(made.key, std::prev(in.by_use.end()));
    return made.what;
}

void account_table::make_room(stripe& in, steady_time now) {
    auto candidate = in.by_use.end();
    for (int i = 0; i < looks && !in.by_use.empty(); ++i) {
        auto const oldest = in.by_use.begin();
        if (oldest->what->says_nothing(now)) {
            candidate = oldest;
            break;
        }
        if (candidate == in.by_use.end() && oldest->what->use_count() == 1) candidate = oldest;
        in.by_use.splice(in.by_use.end(), in.by_use, oldest);
    }
    if (candidate == in.by_use.end()) return;
    in.by_key.erase(candidate->key);
    in.by_use.erase(candidate);
}

void account_table::refill() {
    for (auto& one : stripes_) {
        std::lock_guard const guard(one.mutex);
        for (auto const& each : one.by_use) each.what->refill();
    }
}

std::size_t account_table::size() const {
    std::size_t all = 0;
    for (auto const& one : stripes_) {
        std::lock_guard const guard(one.mutex);
        all += one.by_use.size();
    }
    return all;
}

}  // namespace broker::limiting
