#pragma once

#include "bench/plan/plan.hpp"

#include <string>
#include <string_view>
#include <utility>

// The texts of the command line and of files that are more than a number. Each throws
// std::invalid_argument with the text, what is wrong and what was expected.

namespace bench {

// "20000/s for 5 s", or a ramp, "1000..20000/s for 10 s".
load_step parse_step(std::string_view text);

// "5 s", "500 ms", "2 min"; a number alone is seconds.
seconds parse_seconds(std::string_view text);

// "name: value".
std::pair<std::string, std::string> parse_header(std::string_view text);

scenario_kind parse_scenario(std::string_view text);

// "key=value;key=value ...": what a target has of its own, over what `common` has. Keys: name,
// profile, url and pid (both may be repeated), login, passcode, user, token_file,
// token_secret_file, token_claims.
target parse_target(std::string_view text, target const& common);

// Sets the profile, and from it all that was not given: URL, virtual host, login, passcode, name.
void complete(target& of, std::string_view profile_name);

// Holds the parts of a plan against each other and against what the target can.
void check(plan const& what, target const& server);

}  // namespace bench
