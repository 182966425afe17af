#include "broker/auth/access_rules.hpp"

#include "broker/routing/destination.hpp"

#include <algorithm>
#include <stdexcept>

namespace broker::auth {
namespace {

bool any_includes(std::vector<grantee> const& grantees, principal const& caller) {
    return std::ranges::any_of(grantees, [&](grantee const& one) { return one.includes(caller); });
}

std::vector<grantee> parse_all(access_rule const& rule, std::vector<std::string> const& texts) {
    std::vector<grantee> out;
    for (auto const& text : texts) {
        auto one = parse_grantee(text);
        if (!one) {
            throw std::invalid_argument("access rule " + rule.destination + ": '" + text +
                                        "' is none of *, authenticated, role:NAME, user:NAME");
        }
        out.push_back(std::move(*one));
    }
    return out;
}

bool is_pattern(std::string_view destination) {
    return destination.find('*') != destination.npos || destination.find('#') != destination.npos;
}

}  // namespace

bool grantee::includes(principal const& caller) const {
    if (who == kind::everyone) return true;
    // In open mode anybody may claim any name.
    if (caller.anonymous() || caller.unverified) return false;
    switch (who) {
        case kind::role: return caller.has_role(name);
        case kind::user: return user_key(caller) == name;
        default: return true;
    }
}

std::optional<grantee> parse_grantee(std::string_view text) {
    constexpr std::string_view role = "role:";
    constexpr std::string_view user = "user:";
    using kind = grantee::kind;
    if (text == "*") return grantee{kind::everyone, {}};
    if (text == "authenticated") return grantee{kind::authenticated, {}};
    for (auto const& [prefix, who] : {std::pair(role, kind::role), std::pair(user, kind::user)}) {
        if (text.starts_with(prefix) && text.size() > prefix.size()) {
            return grantee{who, std::string(text.substr(prefix.size()))};
        }
    }
    return std::nullopt;
}

rule_authorizer::rule_authorizer(std::vector<access_rule> const& rules) : nodes_(1) {
    for (auto const& one : rules) {
        auto const parsed = parse_destination(one.destination);
        bool const is_topic = parsed && (parsed->kind == destination_kind::topic ||
                                         parsed->kind == destination_kind::topic_pattern);
        if (!is_topic) {
            throw std::invalid_argument(
                "access rule " + one.destination + ": " +
                (parsed ? "is not under /topic" : parsed.error().message()));
        }
        add_to_trie(one.destination, static_cast<std::uint32_t>(rules_.size()));
        rules_.push_back({one.destination, parse_all(one, one.send), parse_all(one, one.subscribe),
                          parse_all(one, one.subscribe_wildcard)});
    }
}

void rule_authorizer::add_to_trie(std::string_view destination, std::uint32_t index) {
    std::uint32_t at = 0;
    for (destination_levels levels(destination); !levels.done();) {
        auto const level = levels.next();
        if (is_rest_wildcard(level)) {
            nodes_[at].rule_below = std::min(nodes_[at].rule_below, index);
            return;
        }
        at = child_of(at, level);
    }
    nodes_[at].rule_here = std::min(nodes_[at].rule_here, index);
}

std::uint32_t rule_authorizer::child_of(std::uint32_t parent, std::string_view level) {
    auto& slot = is_one_level_wildcard(level)
                     ? nodes_[parent].any_child
                     : nodes_[parent].children.try_emplace(std::string(level), none).first->second;
    if (slot != none) return slot;
    auto const made = static_cast<std::uint32_t>(nodes_.size());
    slot = made;
    nodes_.emplace_back();  // `slot` may dangle from here on
    return made;
}

void rule_authorizer::find_below(std::uint32_t at, std::string_view rest,
                                 std::uint32_t& best) const {
    auto const& here = nodes_[at];
    best = std::min(best, here.rule_below);
    if (rest.empty()) {
        best = std::min(best, here.rule_here);
        return;
    }
    destination_levels levels(rest);
    auto const level = levels.next();
    rest.remove_prefix(level.size() + 1);
    if (auto const child = here.children.find(level); child != here.children.end()) {
        find_below(child->second, rest, best);
    }
    if (here.any_child != none) find_below(here.any_child, rest, best);
}

rule_authorizer::rule const* rule_authorizer::find(std::string_view destination) const {
    auto best = none;
    find_below(0, destination, best);
    return best == none ? nullptr : &rules_[best];
}

bool rule_authorizer::may_send(principal const& caller, std::string_view destination) const {
    if (!destination.starts_with('/') || is_pattern(destination)) return false;
    auto const* decisive = find(destination);
    return decisive && any_includes(decisive->send, caller);
}

bool rule_authorizer::may_subscribe(principal const& caller, std::string_view destination) const {
    if (!destination.starts_with('/')) return false;
    if (!is_pattern(destination)) {
        auto const* decisive = find(destination);
        return decisive && any_includes(decisive->subscribe, caller);
    }
    for (auto const& one : rules_) {
        bool const whole = covers(one.destination, destination);
        if (!whole && !overlap(one.destination, destination)) continue;
        // A rule for one exact destination speaks of it in `subscribe`.
        auto const& wanted = is_pattern(one.destination) ? one.subscribe_wildcard : one.subscribe;
        if (!any_includes(wanted, caller)) return false;
        if (whole) return true;
    }
    return false;
}

bool covers(std::string_view cover, std::string_view pattern) noexcept {
    destination_levels wider(cover);
    destination_levels narrower(pattern);
    while (!wider.done()) {
        auto const level = wider.next();
        if (is_rest_wildcard(level)) return true;
        if (narrower.done()) return false;
        auto const other = narrower.next();
        if (is_rest_wildcard(other)) return false;
        if (!is_one_level_wildcard(level) && level != other) return false;
    }
    return narrower.done();
}

bool overlap(std::string_view one, std::string_view other) noexcept {
    destination_levels a(one);
    destination_levels b(other);
    while (!a.done() && !b.done()) {
        auto const level_a = a.next();
        auto const level_b = b.next();
        if (is_rest_wildcard(level_a) || is_rest_wildcard(level_b)) return true;
        bool const open = is_one_level_wildcard(level_a) || is_one_level_wildcard(level_b);
        if (!open && level_a != level_b) return false;
    }
    // What is left over must be able to stand for no level at all.
    if (a.done() && b.done()) return true;
    return is_rest_wildcard(a.done() ? b.next() : a.next());
}

}  // namespace broker::auth
