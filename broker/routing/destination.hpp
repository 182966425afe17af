#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// What the string in a `destination` header means here (STOMP leaves it opaque).
//
//   /topic/a/b            everyone who subscribed to it
//   /topic/a/*, /topic/** a pattern: `*` is one level, `**` or `#` any number of them, at the end
//   /app/...              the application; takes SEND only
//   /user/queue/x         the caller's own queue x, on every session of the caller
//   /user/{name}/queue/x  the queue x of that user; `/` in a name is written %2F
//   /queue/x              work queues
// Pure functions of the text; any thread.

namespace broker {

inline constexpr std::size_t max_destination_levels = 32;
inline constexpr std::size_t max_destination_bytes = 1024;

inline constexpr std::string_view user_errors_queue = "/queue/errors";

enum class destination_kind : std::uint8_t {
    topic,          // /topic/..., exact
    topic_pattern,  // /topic/... with wildcards
    app,
    user_queue,
    work_queue,
};

enum class destination_errc : std::uint8_t {
    unknown_prefix = 1,  // It begins with none of /app, /queue, /topic, /user.
    empty_level,         // Nothing stands between two '/', or after the last.
    misplaced_wildcard,  // '*' or '#' is part of a level, or a rest wildcard is not the last level.
    control_character,   // It holds an octet below 0x20 or 0x7F.
    bad_percent_escape,  // A user's name has a '%' without two hexadecimal digits, or no UTF-8.
    not_a_user_queue,    // After /user comes neither queue/... nor {name}/queue/...
    too_long,            // It exceeds max_destination_bytes.
    too_many_levels,     // It exceeds max_destination_levels.
};

// One sentence's predicate, after the destination's name: "has an empty level".
std::string_view text(destination_errc code) noexcept;
boost::system::error_category const& destination_category() noexcept;
inline boost::system::error_code make_error_code(destination_errc code) noexcept {
    return {static_cast<int>(code), destination_category()};
}

// A destination taken apart; its views lie in the text that was parsed.
struct destination {
    destination_kind kind{};
    std::string_view text;   // all of it
    std::string_view queue;  // user_queue: "/queue/messages"
    std::string user;        // user_queue: the name, decoded; empty when it is the caller
};

// Fails with a destination_errc.
boost::system::result<destination> parse_destination(std::string_view text);

// Walks the levels of a destination that parse_destination() accepted: "topic", "a", "b".
class destination_levels {
public:
    explicit destination_levels(std::string_view text) noexcept : rest_(text) {}
    bool done() const noexcept { return rest_.empty(); }
    std::string_view next() noexcept {
        rest_.remove_prefix(1);
        auto const level = rest_.substr(0, rest_.find('/'));
        rest_.remove_prefix(level.size());
        return level;
    }

private:
    std::string_view rest_;
};

constexpr bool is_one_level_wildcard(std::string_view level) noexcept {
    return level == "*";
}
constexpr bool is_rest_wildcard(std::string_view level) noexcept {
    return level == "**" || level == "#";
}

// Does an exact destination fall under a pattern? A rest wildcard stands for no level, too:
// "/topic/a/**" covers "/topic/a". Both must have been accepted by parse_destination().
bool matches(std::string_view pattern, std::string_view exact) noexcept;

}  // namespace broker

template <>
struct boost::system::is_error_code_enum<broker::destination_errc> : std::true_type {};
