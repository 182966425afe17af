#pragma once

#include "bench/plan/plan.hpp"

#include <string>
#include <string_view>
#include <utility>

// The texts of the command line and of files that are more than a number. Each throws
// std::invalid_argument with the text, what is wrong and what was expected.

namespace bench {

// What a rate that is not 0 may be. Two messages of the least are further apart than any run lasts.
inline constexpr double least_per_second = 0.001;
inline constexpr double most_per_second = 1e9;

// "20000/s for 5 s", or a ramp, "1000..20000/s for 10 s".
load_step parse_step(std::string_view text);

// "5 s", "500 ms", "2 min"; a number alone is seconds. 1000 h at most.
seconds parse_seconds(std::string_view text);

// "http://HOST[:PORT]", or https.
endpoint parse_rest_url(std::string_view text);

// "name: value".
std::pair<std::string, std::string> parse_header(std::string_view text);

scenario_kind parse_scenario(std::string_view text);

// "key=value;key=value ...": what a target has of its own, over what `common` has. Keys: name,
// profile, url and pid (both may be repeated), rest_url, login, passcode, user, token_file,
// token_secret_file, token_claims.
target parse_target(std::string_view text, target const& common);

profile const& profile_named(std::string_view name);

// Sets the profile, and from it all that was not given: URL, virtual host, login, passcode, name.
// A process that was named twice is there once: its CPU and memory are not to count twice.
void complete(target& of, std::string_view profile_name);

// Holds the parts of a plan against each other, against what the target can, and against the
// processes and files that there are. Throws std::invalid_argument, or std::runtime_error for a
// file, with what is wrong.
void check(plan const& what, target const& server);

}  // namespace bench
