#include "stomp/command.hpp"

#include "stomp/frame.hpp"

#include <algorithm>

namespace stomp {
namespace {

static_assert([] {
    std::size_t longest = 0;
    for (std::size_t i = 0; i < command_count; ++i) {
        if (static_cast<std::size_t>(command_rules[i].command) != i) return false;
        longest = std::max(longest, command_rules[i].name.size());
    }
    return longest == longest_command;
}());

// No two commands share length and first letter, so one comparison decides.
constexpr unsigned key(std::string_view name) noexcept {
    return static_cast<unsigned>(name.size()) << 8 | static_cast<unsigned char>(name[0]);
}

constexpr unsigned key(command c) noexcept {
    return key(to_string(c));
}

}  // namespace

std::optional<command> parse_command(std::string_view name) noexcept {
    if (name.empty()) return std::nullopt;
    auto const is = [name](command c) -> std::optional<command> {
        if (name != to_string(c)) return std::nullopt;
        return c;
    };
    switch (key(name)) {
        case key(command::connect): return is(command::connect);
        case key(command::stomp): return is(command::stomp);
        case key(command::connected): return is(command::connected);
        case key(command::send): return is(command::send);
        case key(command::subscribe): return is(command::subscribe);
        case key(command::unsubscribe): return is(command::unsubscribe);
        case key(command::ack): return is(command::ack);
        case key(command::nack): return is(command::nack);
        case key(command::begin): return is(command::begin);
        case key(command::commit): return is(command::commit);
        case key(command::abort): return is(command::abort);
        case key(command::disconnect): return is(command::disconnect);
        case key(command::message): return is(command::message);
        case key(command::receipt): return is(command::receipt);
        case key(command::error): return is(command::error);
        default: return std::nullopt;
    }
}

std::string_view first_missing_header(frame const& f, version v) noexcept {
    if (f.command == command::unsubscribe && v == version::v1_0) {
        return f.find("id") || f.find("destination") ? std::string_view{} : "destination";
    }
    for (auto name : rule_of(f.command).required[static_cast<std::size_t>(v)]) {
        if (!name.empty() && !f.find(name)) return name;
    }
    return {};
}

}  // namespace stomp
