#pragma once

#include "broker/principal.hpp"

#include <string_view>

// Who may publish to and subscribe to the generic topics, by rule. Topics with a history of their
// own (rooms) are decided by broker/ports/sequenced_topics instead.
// Immutable after start; safe from every thread.

namespace broker {

class authorizer {
public:
    virtual ~authorizer() = default;
    virtual bool may_send(principal const& caller, std::string_view destination) const = 0;
    // `destination` may hold wildcards; allowed only where a rule speaks of exactly such patterns.
    virtual bool may_subscribe(principal const& caller, std::string_view destination) const = 0;
};

}  // namespace broker
