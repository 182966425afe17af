#pragma once

#include "broker/limiting/account.hpp"

#include <array>
#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

// The accounts of all users, or of all addresses, by key. Bounded: above its capacity those are
// forgotten whose meters are full, longest unused first; when there is none, the longest unused
// that no connection holds. So memory is that of `capacity` entries and of what connections hold.
// Any thread; locks for a moment, so it is asked where a connection or a request begins, not for
// each frame.

namespace broker::limiting {

class account_table {
public:
    explicit account_table(std::size_t capacity);
    account_table(account_table const&) = delete;
    account_table& operator=(account_table const&) = delete;

    // Never null.
    account_ptr at(std::string_view key, steady_time now);

    // Fills every meter.
    void refill();

    std::size_t size() const;

private:
    struct entry {
        std::string key;
        account_ptr what;
    };
    struct stripe {
        mutable std::mutex mutex;
        std::list<entry> by_use;  // the longest unused first
        std::unordered_map<std::string_view, std::list<entry>::iterator> by_key;
    };

    void make_room(stripe& in, steady_time now);

    static constexpr std::size_t stripes = 16;
    std::size_t const capacity_;  // of a stripe
    std::array<stripe, stripes> stripes_;
};

}  // namespace broker::limiting
