#pragma once

#include "config/problem.hpp"
#include "config/settings.hpp"

#include <initializer_list>
#include <map>
#include <set>
#include <string>

// The checks that look at more than one value, or at the form of a text.

namespace config {

// Where each value was written, by its concrete path ("listeners[0].address"). Defaults are not in
// it.
using places = std::map<std::string, std::string, std::less<>>;

// Adds to `wrong`; what is in it already names keys whose values are not in `all`.
void validate(settings const& all, places const& where, problems& wrong);

// How the checks complain: of the first of `paths`, where the first of them that was written was
// written; and not at all when something is wrong with one of them already.
class complaints {
public:
    complaints(places const& where, problems& wrong);
    void refuse(std::initializer_list<std::string> paths, std::string what);

private:
    places const& where_;
    problems& wrong_;
    std::set<std::string, std::less<>> known_wrong_;
};

// The sections auth and broker; a part of validate().
void validate_access(settings const& all, complaints& to);

// The sections cluster, rabbitmq and redis, and what a cluster needs of others; a part of
// validate().
void validate_cluster(settings const& all, complaints& to);

// The section eureka; a part of validate().
void validate_discovery(settings const& all, complaints& to);

}  // namespace config
