#include "config/keys.hpp"
#include "config/source.hpp"
#include "support.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>

using namespace config;
using config_test::load;
using config_test::wrong_in;

namespace {

std::string section_of(key const& one) {
    return std::string(one.path.substr(0, one.path.rfind('.')));
}
std::string name_of(key const& one) {
    return std::string(one.path.substr(one.path.rfind('.') + 1));
}

// What an element of an array needs besides.
std::string required_of(std::string const& section, std::string_view but) {
    std::string out;
    for (auto const& one : keys()) {
        if (!one.required || section_of(one) != section || name_of(one) == but) continue;
        out += name_of(one) + (name_of(one) == "destination" ? " = \"/topic/x\"\n" : " = \"x\"\n");
    }
    return out;
}

// A file that sets one key, on its line 2.
std::string file_with(key const& one, std::string const& value) {
    auto section = section_of(one);
    bool const in_array = section.ends_with("[]");
    auto const head =
        in_array ? "[[" + section.substr(0, section.size() - 2) + "]]" : "[" + section + "]";
    return head + "\n" + name_of(one) + " = " + value + "\n" +
           (in_array ? required_of(section, name_of(one)) : "");
}

// Whether a problem names the key, where it stands, and says what was expected.
bool says(loaded const& got, key const& one, std::string_view where) {
    auto const path = concrete_path(one.path, 0);
    for (auto const& problem : got.wrong) {
        if (problem.key == path && problem.where == where &&
            problem.what.find("expected ") != std::string::npos) {
            return true;
        }
    }
    return false;
}

std::string place(key const& one) {
    return fmt::format("/etc/s.toml:2:{}", name_of(one).size() + 4);
}

// Does the value get through the key's own checks? (Others may find fault with the whole.)
bool accepted(key const& one, std::string const& value) {
    auto const got = load(file_with(one, value));
    auto const path = concrete_path(one.path, 0);
    for (auto const& problem : got.wrong) {
        if (problem.key == path && problem.what.find(describe(one.expected)) != std::string::npos) {
            return false;
        }
    }
    return true;
}

std::string base_units(key const& one, std::int64_t value) {
    if (one.expected.type == value_type::time_span) return fmt::format("\"{} ms\"", value);
    if (one.expected.type == value_type::size) return fmt::format("\"{} B\"", value);
    return std::to_string(value);
}

bool is_measured(key const& one) {
    auto const type = one.expected.type;
    return type == value_type::integer || type == value_type::time_span || type == value_type::size;
}

}  // namespace

TEST_CASE("every key has a place of its own, a sentence and a section that is described") {
    std::set<std::string_view> paths;
    std::set<std::string> variables;
    for (auto const& one : keys()) {
        CAPTURE(std::string(one.path));
        CHECK(paths.insert(one.path).second);
        CHECK(variables.insert(environment_name(concrete_path(one.path, 0))).second);
        CHECK(one.doc.ends_with('.'));
        auto section = section_of(one);
        if (section.ends_with("[]")) section.resize(section.size() - 2);
        CHECK(std::ranges::find(key_sections(), section, &key_section::path) !=
              key_sections().end());
    }
}

TEST_CASE("every key that has a default accepts it, spelled out, and stays at it") {
    for (auto const& one : keys()) {
        if (one.default_text.empty()) continue;
        CAPTURE(std::string(one.path));
        CAPTURE(one.default_text);
        bool const may_be_empty = one.expected.type != value_type::text ||
                                  one.expected.range.lowest == 0 || one.default_text != "\"\"";
        if (!may_be_empty) continue;  // "" stands for "none" there
        CHECK(accepted(one, one.default_text));
        auto const got = load(file_with(one, one.default_text));
        if (one.expected.type != value_type::path) {  // relative to its file
            CHECK(one.value_text(got.values, 0) == one.default_text);
        }
    }
}

TEST_CASE("every key refuses a value of another type, with line, key and what was expected") {
    for (auto const& one : keys()) {
        CAPTURE(std::string(one.path));
        for (auto const* value : {"{ a = 1 }", "1979-05-27", "[[1]]", "1.5"}) {
            CAPTURE(value);
            auto const got = load(file_with(one, value));
            CHECK(says(got, one, place(one)));
        }
        bool const is_text = one.expected.type == value_type::boolean;
        CHECK(says(load(file_with(one, is_text ? "\"true\"" : "true")), one, place(one)));
    }
}

TEST_CASE("every range ends where it says") {
    for (auto const& one : keys()) {
        if (!is_measured(one)) continue;
        auto const [lowest, highest] = one.expected.range;
        CAPTURE(std::string(one.path));
        CHECK(accepted(one, base_units(one, lowest)));
        if (lowest > 0) {
            CHECK_FALSE(accepted(one, base_units(one, lowest - 1)));
            CHECK(says(load(file_with(one, base_units(one, lowest - 1))), one, place(one)));
        }
        CHECK_FALSE(accepted(one, "-1"));
        if (highest == INT64_MAX) continue;
        CHECK(accepted(one, base_units(one, highest)));
        CHECK_FALSE(accepted(one, base_units(one, highest + 1)));
        CHECK(says(load(file_with(one, base_units(one, highest + 1))), one, place(one)));
    }
}

TEST_CASE("every choice is accepted, and no other word") {
    for (auto const& one : keys()) {
        if (one.expected.choices.empty()) continue;
        bool const is_list = one.expected.type == value_type::text_list;
        auto const written = [is_list](std::string_view word) {
            return is_list ? fmt::format("[\"{}\"]", word) : fmt::format("\"{}\"", word);
        };
        CAPTURE(std::string(one.path));
        for (auto const word : one.expected.choices) CHECK(accepted(one, written(word)));
        for (auto const* word : {"", "x", "HTTP", "hs256"}) {
            CHECK_FALSE(accepted(one, written(word)));
            CHECK(says(load(file_with(one, written(word))), one, place(one)));
        }
    }
}

TEST_CASE("every key can be set by its environment variable, and is refused by its name") {
    for (auto const& one : keys()) {
        auto const variable = environment_name(concrete_path(one.path, 0));
        CAPTURE(variable);
        bool const takes_any_text =
            one.expected.choices.empty() && one.expected.range.lowest <= 4 &&
            (one.expected.type == value_type::text || one.expected.type == value_type::path ||
             one.expected.type == value_type::text_list);
        if (takes_any_text) {
            auto const got = load("", {variable + "=some"});
            CHECK(one.value_text(got.values, 0).find("some") != std::string::npos);
            continue;
        }
        auto const got = load("", {variable + "=?"});
        CHECK(says(got, one, "environment variable " + variable));
    }
}

TEST_CASE("numbers, sizes and durations may be written as people do") {
    auto const got = load(
        "[limits.frame]\nmax_body = 1_000_000\nmax_headers = 0x40\n"
        "[limits.websocket]\nmax_message = \"4 MiB\"\nping_interval = \"0.5 min\"\n"
        "[limits.outbound]\nqueue = \"2 MB\"\n");
    CHECK(wrong_in(got).empty());
    CHECK(got.values.limits.frame.max_body == 1000000_B);
    CHECK(got.values.limits.frame.max_headers == 64);
    CHECK(got.values.limits.websocket.max_message == 4_MiB);
    CHECK(got.values.limits.websocket.ping_interval == std::chrono::seconds(30));
    CHECK(got.values.limits.outbound.queue == 2000000_B);
}
