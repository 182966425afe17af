#include "config/changes.hpp"
#include "config/key_table.hpp"
#include "config/load.hpp"
#include "config/source.hpp"
#include "stomp/utf8.hpp"
#include "tests/fuzz/choices.hpp"
#include "tests/fuzz/config.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

// A file and an environment: settings, or what is wrong and where. Settings that are written as the
// file has them are read as the same.

namespace fuzz {
namespace {

using namespace config;

constexpr std::string_view file_name = "/etc/s.toml";
// What every secret is said to be, which no message may repeat.
constexpr std::string_view secret = "hunter2-hunter2-hunter2-hunter2";

loaded load_text(std::string const& text, std::vector<std::string> environment) {
    return load({.file = file_name,
                 .environment = std::move(environment),
                 .given = {},
                 .read_file = [&text](std::filesystem::path const& path)
                     -> boost::system::result<std::string> {
                     if (path == file_name) return text;
                     if (path.filename() == "none") {
                         return make_error_code(boost::system::errc::no_such_file_or_directory);
                     }
                     return std::string(secret) + "\n";
                 }});
}

void check_problem(problem const& one) {
    expect(!one.what.empty(), "a problem that says nothing");
    expect(one.where.empty() || one.where.starts_with(std::string(file_name) + ":") ||
               one.where.starts_with("environment variable STAMPEDE_"),
           "a problem of nowhere");
    auto const line = to_string(one);
    expect(std::ranges::none_of(line, [](unsigned char c) { return c < ' ' || c == 0x7F; }),
           "more than one line");
    expect(line.find(secret) == std::string::npos, "a secret in a message");
    expect(stomp::is_valid_utf8(line), "half a character");
}

key_array const* array_of(key const& one) {
    for (auto const& array : key_arrays()) {
        if (one.path.starts_with(std::string(array.path) + "[]")) return &array;
    }
    return nullptr;
}

// Nobody wrote what is in it: it follows from another key.
bool is_implied(key_array const& array, settings const& from) {
    return array.path == "broker.access" && !from.broker.access_given;
}

// Nothing where a message is the only writer: a long text is cut there, and a file's content is not
// shown.
std::optional<std::string> written(settings const& from) {
    std::string out;
    auto const add = [&](key const& one, std::string_view name, std::size_t element) {
        auto const text = one.value_text(from, element);
        if (text.find("…") != std::string::npos || text.find('?') != std::string::npos)
            return false;
        // A key that is not given need not be one that can be.
        if (!one.required && text == one.default_text) return true;
        if (!text.empty()) out.append(name).append(" = ").append(text).append("\n");
        return true;
    };
    for (auto const& one : keys()) {
        if (array_of(one) == nullptr && !add(one, one.path, 0)) return std::nullopt;
    }
    for (auto const& array : key_arrays()) {
        if (is_implied(array, from)) continue;
        if (array.size(from) == 0) out.append(array.path).append(" = []\n");
    }
    for (auto const& array : key_arrays()) {
        if (is_implied(array, from)) continue;
        for (std::size_t i = 0; i != array.size(from); ++i) {
            out.append("[[").append(array.path).append("]]\n");
            for (auto const& one : keys()) {
                if (array_of(one) != &array) continue;
                if (!add(one, one.path.substr(array.path.size() + 3), i)) return std::nullopt;
            }
        }
    }
    return out;
}

void check_written(settings const& from) {
    auto const text = written(from);
    if (!text) return;
    auto const again = load_text(*text, {});
    if (!again.ok()) {
        for (auto const& one : again.wrong) std::fprintf(stderr, "%s\n", to_string(one).c_str());
        std::fprintf(stderr, "%s", text->c_str());
    }
    expect(again.ok(), "what is written is not read");
    auto const found = compare(from, again.values);
    for (auto const& list : {found.in_use, found.need_a_restart}) {
        for (auto const& path : list) std::fprintf(stderr, "%s\n", path.c_str());
    }
    expect(found.in_use.empty() && found.need_a_restart.empty(), "what is written reads otherwise");
}

}  // namespace

void check_settings(std::string_view sources) {
    choices left(sources);
    std::string const file(left.take_until('\0'));
    std::vector<std::string> environment;
    while (!left.empty()) environment.emplace_back(left.take_until('\0'));
    if (sources.find("hunter2") == std::string_view::npos) {
        for (auto const& one : keys()) {
            if (!one.secret || one.path.find("[]") != std::string_view::npos) continue;
            auto const name = environment_name(one.path);
            // Not all of them, since some exclude others.
            if (file.size() % 16 == name.size() % 16) {
                environment.push_back(name + "=" + std::string(secret));
            }
        }
    }
    auto const got = load_text(file, environment);
    bool const readable = stomp::is_valid_utf8(sources);
    for (auto const& one : got.wrong) {
        if (readable) check_problem(one);
    }
    // The dearest part: not every time.
    if (got.ok() && file.size() % 4 == 0) check_written(got.values);
}

}  // namespace fuzz
