#pragma once

#include "broker/routing/string_map.hpp"
#include "broker/routing/subscriber_list.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// Who on this shard is subscribed to which generic topic: an exact table, and a trie for patterns.
// A pattern has `*` for one level and `**` or `#` as its last level for any number of levels, none
// included. Destinations and patterns must have been accepted by parse_destination(). Publishing to
// a destination costs one hash lookup while nobody subscribed by pattern.

namespace broker::routing {

class subscription_table {
public:
    subscription_table();
    ~subscription_table();
    subscription_table(subscription_table const&) = delete;
    subscription_table& operator=(subscription_table const&) = delete;

    void add(std::string_view destination, subscription& who);
    // `who` must be in the table.
    void remove(subscription& who);

    // Calls `visit(subscription&)` for everyone whose destination or pattern fits, each once per
    // subscription.
    template <typename Visit>
    void for_each(std::string_view destination, Visit&& visit) const {
        if (auto found = exact_.find(destination); found != exact_.end()) {
            for (subscription* who : found->second->subscribers) visit(*who);
        }
        if (pattern_count_ == 0) return;
        std::vector<subscriber_list const*> fitting;
        collect_patterns(destination, fitting);
        for (auto const* list : fitting) {
            for (subscription* who : *list) visit(*who);
        }
    }

    // What `who`, which is in a table, is subscribed to; good until it is removed.
    static std::string_view name_of(subscription const& who) noexcept {
        return static_cast<topic const*>(who.place)->name;
    }
    static bool by_pattern(subscription const& who) noexcept {
        return static_cast<topic const*>(who.place)->pattern;
    }

    // Calls `visit` with the name, or the pattern, and how many are subscribed to it.
    void for_each_topic(std::function<void(std::string_view, std::size_t)> const& visit) const;

    bool has_subscriber(std::string_view destination) const;
    std::size_t size() const noexcept { return size_; }

private:
    struct topic {
        std::string name;
        bool pattern = false;
        subscriber_list subscribers;
    };
    struct trie_node;

    void collect_patterns(std::string_view destination,
                          std::vector<subscriber_list const*>& out) const;

    string_map<std::unique_ptr<topic>> exact_;
    string_map<std::unique_ptr<topic>> patterns_;
    std::unique_ptr<trie_node> root_;
    std::size_t pattern_count_ = 0;
    std::size_t size_ = 0;
};

}  // namespace broker::routing
