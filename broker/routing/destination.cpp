#include "broker/routing/destination.hpp"

#include "broker/hex_digit.hpp"
#include "stomp/utf8.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace broker {
namespace {

constexpr std::array texts{
    std::string_view("is none of the known kinds: /app, /queue, /topic, /user"),
    std::string_view("has an empty level"),
    std::string_view("has a wildcard in a place where none may be: '*' is a whole level, '**' or "
                     "'#' is the last one"),
    std::string_view("holds a control character"),
    std::string_view("has a '%' that does not spell a character of a user's name"),
    std::string_view("names no queue of a user: /user/queue/... or /user/{name}/queue/..."),
    std::string_view("is too long"),
    std::string_view("has too many levels"),
};
static_assert(texts.size() == static_cast<std::size_t>(destination_errc::too_many_levels));

struct prefix_rule {
    std::string_view level;
    destination_kind kind;
};

constexpr prefix_rule prefixes[] = {
    {"topic", destination_kind::topic},
    {"app", destination_kind::app},
    {"user", destination_kind::user_queue},
    {"queue", destination_kind::work_queue},
};

constexpr std::string_view queue_level = "queue";

constexpr bool is_control_character(char c) {
    auto const octet = static_cast<unsigned char>(c);
    return octet < 0x20 || octet == 0x7F;
}

// What shape_of_levels() has to look at.
constexpr auto matters = [] {
    std::array<bool, 256> table{};
    for (unsigned octet = 0; octet != table.size(); ++octet) {
        auto const c = static_cast<char>(octet);
        table[octet] = c == '/' || c == '*' || c == '#' || is_control_character(c);
    }
    return table;
}();

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        auto const high = hex_value(text[i + 1]);
        auto const low = hex_value(text[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    if (std::ranges::any_of(out, is_control_character)) return std::nullopt;
    if (!stomp::is_valid_utf8(out)) return std::nullopt;
    return out;
}

class category final : public boost::system::error_category {
public:
    char const* name() const noexcept override { return "destination"; }
    std::string message(int code) const override {
        return std::string(text(static_cast<destination_errc>(code)));
    }
};

// What the levels of a destination have in common, whatever its kind.
struct shape {
    bool has_wildcard = false;
    std::optional<destination_errc> wrong;
};

// `text` begins with '/'. One pass: every SEND comes by here.
shape shape_of_levels(std::string_view text) {
    shape found;
    std::size_t levels = 0;
    std::size_t begin = 1;
    bool wild = false;
    for (std::size_t i = 1; i <= text.size(); ++i) {
        while (i != text.size() && !matters[static_cast<unsigned char>(text[i])]) ++i;
        auto const at_end = i == text.size();
        if (!at_end && text[i] != '/') {
            if (is_control_character(text[i])) return {false, destination_errc::control_character};
            wild = wild || text[i] == '*' || text[i] == '#';
            continue;
        }
        if (i == begin) return {false, destination_errc::empty_level};
        if (++levels > max_destination_levels) return {false, destination_errc::too_many_levels};
        if (wild) {
            auto const level = text.substr(begin, i - begin);
            if (!is_one_level_wildcard(level) && !(is_rest_wildcard(level) && at_end)) {
                return {false, destination_errc::misplaced_wildcard};
            }
            found.has_wildcard = true;
            wild = false;
        }
        begin = i + 1;
    }
    return found;
}

// `text` is "/user/...", its levels are in order.
boost::system::result<destination> parse_user_queue(std::string_view text) {
    destination parsed{destination_kind::user_queue, text, {}, {}};
    destination_levels levels(text);
    levels.next();
    if (levels.done()) return destination_errc::not_a_user_queue;
    auto const first = levels.next();
    auto owner = std::string_view();
    if (first != queue_level) {
        owner = first;
        if (levels.done() || levels.next() != queue_level) {
            return destination_errc::not_a_user_queue;
        }
    }
    if (levels.done()) return destination_errc::not_a_user_queue;
    auto const before = std::string_view("/user").size() + (owner.empty() ? 0 : owner.size() + 1);
    parsed.queue = text.substr(before);
    if (!owner.empty()) {
        auto decoded = percent_decoded(owner);
        if (!decoded) return destination_errc::bad_percent_escape;
        parsed.user = std::move(*decoded);
    }
    return parsed;
}

}  // namespace

std::string_view text(destination_errc code) noexcept {
    return texts[static_cast<std::size_t>(code) - 1];
}

boost::system::error_category const& destination_category() noexcept {
    static category const instance;
    return instance;
}

boost::system::result<destination> parse_destination(std::string_view text) {
    if (text.size() > max_destination_bytes) return destination_errc::too_long;
    if (!text.starts_with('/')) return destination_errc::unknown_prefix;
    auto const first = text.substr(1, text.find('/', 1) - 1);
    auto const prefix = std::ranges::find(prefixes, first, &prefix_rule::level);
    if (prefix == std::end(prefixes)) return destination_errc::unknown_prefix;
    if (first.size() + 1 == text.size()) return destination_errc::empty_level;
    auto const shape = shape_of_levels(text);
    if (shape.wrong) return *shape.wrong;
    if (shape.has_wildcard && prefix->kind != destination_kind::topic) {
        return destination_errc::misplaced_wildcard;
    }
    if (prefix->kind == destination_kind::user_queue) return parse_user_queue(text);
    auto const kind = shape.has_wildcard ? destination_kind::topic_pattern : prefix->kind;
    return destination{kind, text, {}, {}};
}

bool matches(std::string_view pattern, std::string_view exact) noexcept {
    destination_levels wanted(pattern);
    destination_levels given(exact);
    while (!wanted.done()) {
        auto const level = wanted.next();
        if (is_rest_wildcard(level)) return true;
        if (given.done()) return false;
        auto const other = given.next();
        if (!is_one_level_wildcard(level) && level != other) return false;
    }
    return given.done();
}

}  // namespace broker
