#pragma once

#include "config/load.hpp"

#include <map>
#include <string>
#include <vector>

// Loading without a disk: texts stand for files.

namespace config_test {

using files = std::map<std::string, std::string>;

inline config::file_reader reader_of(files texts) {
    return [texts = std::move(texts)](
               std::filesystem::path const& path) -> boost::system::result<std::string> {
        auto const found = texts.find(path.string());
        if (found != texts.end()) return found->second;
        return make_error_code(boost::system::errc::no_such_file_or_directory);
    };
}

// `text` as the file /etc/s.toml.
inline config::loaded load(std::string text, std::vector<std::string> environment = {},
                           config::flags flags = {}, files others = {}) {
    others["/etc/s.toml"] = std::move(text);
    return config::load({.file = "/etc/s.toml",
                         .environment = std::move(environment),
                         .given = std::move(flags),
                         .read_file = reader_of(std::move(others))});
}

inline std::vector<std::string> lines_of(config::problems const& wrong) {
    std::vector<std::string> out;
    for (auto const& one : wrong) out.push_back(to_string(one));
    return out;
}

// All that is wrong, one per line.
inline std::string wrong_in(config::loaded const& got) {
    std::string out;
    for (auto const& line : lines_of(got.wrong)) out += (out.empty() ? "" : "\n") + line;
    return out;
}

}  // namespace config_test
