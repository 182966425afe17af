#include "broker/routing/subscription_table.hpp"

#include "broker/routing/destination.hpp"

#include <utility>

namespace broker::routing {
namespace {

bool is_pattern(std::string_view destination) {
    destination_levels levels(destination);
    while (!levels.done()) {
        std::string_view const level = levels.next();
        if (is_one_level_wildcard(level) || is_rest_wildcard(level)) return true;
    }
    return false;
}

}  // namespace

struct subscription_table::trie_node {
    string_map<std::unique_ptr<trie_node>> children;
    std::unique_ptr<trie_node> any;         // `*`
    subscriber_list const* here = nullptr;  // a pattern that ends at this level
    subscriber_list const* rest = nullptr;  // a pattern that ends with `**` or `#` here

    bool unused() const {
        return children.empty() && any == nullptr && here == nullptr && rest == nullptr;
    }

    // Puts `list` where `pattern` ends (null: takes it away) and prunes what nobody needs any more.
    void place(destination_levels pattern, subscriber_list const* list) {
        if (pattern.done()) {
            here = list;
            return;
        }
        std::string_view const level = pattern.next();
        if (is_rest_wildcard(level)) {
            rest = list;
            return;
        }
        bool const star = is_one_level_wildcard(level);
        auto& child = star ? any : children[std::string(level)];
        if (child == nullptr) child = std::make_unique<trie_node>();
        child->place(pattern, list);
        if (!child->unused()) return;
        if (star) {
            any.reset();
        } else {
            children.erase(std::string(level));
        }
    }

    void collect(destination_levels destination, std::vector<subscriber_list const*>& out) const {
        if (rest != nullptr) out.push_back(rest);
        if (destination.done()) {
            if (here != nullptr) out.push_back(here);
            return;
        }
        std::string_view const level = destination.next();
        if (auto child = children.find(level); child != children.end()) {
            child->second->collect(destination, out);
        }
        if (any != nullptr) any->collect(destination, out);
    }
};

subscription_table::subscription_table() : root_(std::make_unique<trie_node>()) {}
subscription_table::~subscription_table() = default;

void subscription_table::add(std::string_view destination, subscription& who) {
    bool const pattern = is_pattern(destination);
    auto& table = pattern ? patterns_ : exact_;
    auto found = table.find(destination);
    if (found == table.end()) {
        auto made = std::make_unique<topic>();
        made->name = destination;
        made->pattern = pattern;
        if (pattern) {
            root_->place(destination_levels(destination), &made->subscribers);
            ++pattern_count_;
        }
        found = table.emplace(std::string(destination), std::move(made)).first;
    }
    who.place = found->second.get();
    found->second->subscribers.add(who);
    ++size_;
}

void subscription_table::remove(subscription& who) {
    auto* const from = static_cast<topic*>(who.place);
    from->subscribers.remove(who);
    who.place = nullptr;
    --size_;
    if (!from->subscribers.empty()) return;
    auto& table = from->pattern ? patterns_ : exact_;
    if (from->pattern) {
        root_->place(destination_levels(from->name), nullptr);
        --pattern_count_;
    }
    table.erase(table.find(from->name));
}

void subscription_table::collect_patterns(std::string_view destination,
                                          std::vector<subscriber_list const*>& out) const {
    root_->collect(destination_levels(destination), out);
}

void subscription_table::for_each_topic(
    std::function<void(std::string_view, std::size_t)> const& visit) const {
    for (auto const* table : {&exact_, &patterns_}) {
        for (auto const& [name, where] : *table) visit(name, where->subscribers.size());
    }
}

bool subscription_table::has_subscriber(std::string_view destination) const {
    bool found = false;
    for_each(destination, [&](subscription&) { found = true; });
    return found;
}

}  // namespace broker::routing
