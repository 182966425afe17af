#pragma once

#include "config/keys.hpp"

#include <type_traits>
#include <utility>

// How a row of the table is made: from its path and the member of settings that it sets, the type,
// the default and the reading follow. For the files that hold rows only.

namespace config::table {

struct options {
    bounds range{};
    std::vector<std::string_view> choices{};  // of a list's items
    bool required = false;
    bool secret = false;
    reload reloads = reload::no;
    std::optional<value_type> type{};  // where the member's type leaves a choice
};

template <typename Value>
value_type natural_type() {
    if constexpr (std::is_same_v<Value, bool>)
        return value_type::boolean;
    else if constexpr (std::is_enum_v<Value>)
        return value_type::choice;
    else if constexpr (std::is_same_v<Value, duration>)
        return value_type::time_span;
    else if constexpr (std::is_same_v<Value, byte_size>)
        return value_type::size;
    else if constexpr (std::is_same_v<Value, frequency>)
        return value_type::rate;
    else if constexpr (std::is_same_v<Value, std::string>)
        return value_type::text;
    else if constexpr (std::is_same_v<Value, std::vector<std::string>>)
        return value_type::text_list;
    else if constexpr (std::is_same_v<Value, listen_address>)
        return value_type::address;
    else if constexpr (std::is_same_v<Value, std::filesystem::path>)
        return value_type::path;
    else
        return value_type::integer;
}

// Settings with one element in every array: what the defaults are read from.
settings const& sample();

std::optional<std::string> refuse(written const& from, expectation const& expected, bool secret);
std::optional<std::string> check_readable(std::filesystem::path const& path,
                                          file_reader const& read_file);
// The content without the line break at its end.
std::optional<std::string> read_content(written const& from, file_reader const& read_file,
                                        std::string& out);

// `member` is a callable (settings&, std::size_t element) -> Value&.
template <typename Member>
key row(std::string_view path, Member member, std::string_view doc, options more = {}) {
    using value = std::remove_cvref_t<decltype(member(std::declval<settings&>(), 0))>;
    key made{.path = path,
             .expected = {more.type.value_or(natural_type<value>()), more.range, more.choices},
             .doc = doc,
             .required = more.required,
             .secret = more.secret,
             .reloads = more.reloads};
    if constexpr (std::is_enum_v<value>) made.expected.choices = names_of<value>();

    made.same = [member](settings const& one, settings const& other, std::size_t element) {
        // `member` changes nothing; it is written once for reading and writing.
        return member(const_cast<settings&>(one), element) ==
               member(const_cast<settings&>(other), element);
    };
    made.value_text = [member, type = made.expected.type](settings const& of, std::size_t element) {
        if (type == value_type::file_content) return std::string();
        return as_toml(std::as_const(member(const_cast<settings&>(of), element)));
    };
    if (!made.required) made.default_text = made.value_text(sample(), 0);
    made.assign = [member, expected = made.expected, secret = made.secret](
                      settings& into, std::size_t element, written const& from,
                      file_reader const& read_file) -> std::optional<std::string> {
        value& target = member(into, element);
        if constexpr (std::is_same_v<value, std::string>) {
            if (expected.type == value_type::file_content) {
                return read_content(from, read_file, target);
            }
        }
        if (!read_value(from, expected, target)) return refuse(from, expected, secret);
        if constexpr (std::is_same_v<value, std::filesystem::path>) {
            if (expected.type == value_type::readable_path) {
                return check_readable(target, read_file);
            }
        }
        return std::nullopt;
    };
    return made;
}

// The rows by the file they are in.
// node, listeners, http, sockjs, stomp, operations, console, log, health
void add_node_rows(std::vector<key>& to);
void add_limit_rows(std::vector<key>& to);      // limits
void add_domain_rows(std::vector<key>& to);     // broker, auth, storage, chat, audit
void add_cluster_rows(std::vector<key>& to);    // cluster, rabbitmq, redis
void add_discovery_rows(std::vector<key>& to);  // eureka

}  // namespace config::table

// The member of settings that a row sets; `element` is the index in its array.
// NOLINTBEGIN(bugprone-macro-parentheses): the name of a member takes none
#define STAMPEDE_MEMBER(expression)                                             \
    [](::config::settings & s, [[maybe_unused]] std::size_t element) -> auto& { \
        return s.expression;                                                    \
    }
// NOLINTEND(bugprone-macro-parentheses)
