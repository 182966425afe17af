#pragma once

#include "broker/ports/authorizer.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Access to the generic topics by rule: the first rule that covers a destination decides, and what
// no rule covers is refused. Immutable; any thread. Deciding allocates nothing.

namespace broker::auth {

// Whom a rule lets in, as it is written in the configuration.
//   *              everyone, strangers of the open mode included
//   authenticated  whoever brought an account's passcode or a token
//   role:NAME      of those, who has the role
//   user:NAME      of those, the one whose user_key() it is
struct grantee {
    enum class kind : std::uint8_t { everyone, authenticated, role, user };
    kind who = kind::everyone;
    std::string name;

    bool includes(principal const& caller) const;
};

std::optional<grantee> parse_grantee(std::string_view text);

struct access_rule {
    std::string destination;  // "/topic/news", or a pattern as broker/routing/destination.hpp says
    std::vector<std::string> send;
    std::vector<std::string> subscribe;           // to an exact destination
    std::vector<std::string> subscribe_wildcard;  // by a pattern that lies within `destination`
};

class rule_authorizer final : public authorizer {
public:
    // Throws std::invalid_argument, with the rule's destination, for one that is not well-formed.
    explicit rule_authorizer(std::vector<access_rule> const& rules);

    bool may_send(principal const& caller, std::string_view destination) const override;

    // A pattern is allowed when everything that it could bring is: the first rule that covers it
    // whole must let the caller subscribe by pattern, and so must each rule before that one which
    // decides about a part of it.
    bool may_subscribe(principal const& caller, std::string_view destination) const override;

private:
    static constexpr std::uint32_t none = UINT32_MAX;

    struct rule {
        std::string destination;
        std::vector<grantee> send;
        std::vector<grantee> subscribe;
        std::vector<grantee> subscribe_wildcard;
    };

    // A trie over the levels of the rules' destinations.
    struct node {
        std::map<std::string, std::uint32_t, std::less<>> children;
        std::uint32_t any_child = none;   // for `*`
        std::uint32_t rule_here = none;   // of a destination that ends here
        std::uint32_t rule_below = none;  // of one that ends with `**` here
    };

    void add_to_trie(std::string_view destination, std::uint32_t index);
    std::uint32_t child_of(std::uint32_t parent, std::string_view level);
    // The first rule that covers an exact destination.
    rule const* find(std::string_view destination) const;
    void find_below(std::uint32_t at, std::string_view rest, std::uint32_t& best) const;

    std::vector<rule> rules_;
    std::vector<node> nodes_;
};

// Whether everything that `pattern` matches is matched by `cover` too; both exact or patterns.
bool covers(std::string_view cover, std::string_view pattern) noexcept;
// Whether there is a destination that both match.
bool overlap(std::string_view one, std::string_view other) noexcept;

}  // namespace broker::auth
