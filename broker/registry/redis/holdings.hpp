#pragma once

#include "broker/routing/string_map.hpp"
#include "broker/unique_function.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What this node has in Redis and what it should have there: keys that are held a number of times.
// Says what is to be written, each key at most once at a time, and tells those who wait for it.
// Knows nothing of Redis. Used by one thread.

namespace broker::redis {

class holdings {
    struct entry;

public:
    using item = std::pair<std::string const, entry>;

private:
    using waiting_items = std::list<item*>;

    struct entry {
        std::uint32_t count = 0;
        bool written = false;    // as Redis has confirmed
        bool queued = false;     // waits to be taken
        bool under_way = false;  // taken, not confirmed
        bool again = false;      // was written before it had to be written anew
        bool unsure = false;     // was under way when everything was forgotten: perhaps there
        bool due = false;        // not written since everything was forgotten
        waiting_items::iterator place{};  // in the queue
        std::vector<unique_function<void()>> waiting;
    };

public:
    struct operation {
        item* what = nullptr;
        bool hold = false;    // into Redis, or out of it
        bool again = false;   // a repetition of what was told before
        bool unsure = false;  // a repetition of what may have been done, and was never told

        std::string const& key() const noexcept { return what->first; }
    };

    // `done` runs at once if the key is there already, otherwise when it is. May be empty.
    void enter(std::string_view key, unique_function<void()> done);
    void leave(std::string_view key);

    // For keys that are had or not had: sets what leave() and enter() count. `written` says that
    // Redis has it already.
    void hold(std::string_view key, bool written);
    void let_go(std::string_view key);

    // What is to be written next. To be handed to confirm(), unless everything is forgotten first.
    std::vector<operation> take(std::size_t most);
    void confirm(std::vector<operation> const& done);

    struct left_key {
        std::string key;
        bool unsure = false;  // was being taken out: perhaps it is

        bool operator==(left_key const&) const = default;
    };
    // Nothing of it is in Redis, or nobody knows: everything is to be written. Answers the keys
    // that were there, are not held any more, and will not be taken out from here on.
    std::vector<left_key> forget_written();
    // Whoever waits for a key that begins so is told now.
    void release_waiting(std::string_view beginning = {});

    // Whatever was held when forget_written() was called last is written.
    bool rewritten() const noexcept { return due_ == 0; }
    bool has_work() const noexcept { return !queue_.empty(); }
    std::size_t size() const noexcept { return entries_.size(); }

private:
    void abandon(item& one);
    void queue(item& one);
    void unqueue(item& one);
    void settle(item& one);
    void not_due(entry& one);

    routing::string_map<entry> entries_;
    waiting_items queue_;
    std::size_t due_ = 0;
};

}  // namespace broker::redis
