#include "bench/plan/scenario_file.hpp"

#include <fmt/format.h>

#define TOML_HEADER_ONLY 0
#include <toml++/toml.h>

#include <algorithm>
#include <istream>
#include <iterator>
#include <optional>
#include <string_view>

namespace bench {
namespace {

// A key of the file, and the option that it is for.
struct entry {
    std::string name;
    toml::node const& value;
    std::string where;  // "run.toml:7: rooms"
    CLI::Option* option;
};

[[noreturn]] void wrong(std::string const& where, std::string_view what) {
    throw CLI::ConfigError(fmt::format("{}: {}", where, what));
}

bool is_switch(CLI::Option const& option) {
    return option.get_expected_max() == 0;
}

CLI::Option* option_of(CLI::App& app, std::string const& name) {
    auto* const flag = app.get_option_no_throw("--" + name);
    auto* const found =
        flag != nullptr || name != "scenario" ? flag : app.get_option_no_throw(name);
    return found != nullptr && found->get_configurable() ? found : nullptr;
}

// As the command line would say it; nothing for what it has no word for.
std::optional<std::string> word_of(toml::node const& value) {
    if (auto const* text = value.as_string()) return text->get();
    if (auto const* number = value.as_integer()) return std::to_string(number->get());
    if (auto const* number = value.as_floating_point()) return fmt::format("{:f}", number->get());
    return std::nullopt;
}

// Checked here, where the line is known.
std::string checked_word(entry const& of, toml::node const& value) {
    auto word = word_of(value);
    if (!word) {
        wrong(of.where, of.option->get_expected_max() > 1
                            ? "expected a text, a number, or a list of them"
                            : "expected a text or a number");
    }
    try {
        for (int i = 0;; ++i) {
            auto const problem = (*of.option->get_validator(i))(*word);
            if (!problem.empty()) wrong(of.where, problem);
        }
    } catch (CLI::OptionNotFound const&) {
        return std::move(*word);  // that were all of them
    }
}

std::vector<std::string> words_of(entry const& of) {
    if (is_switch(*of.option)) {
        auto const* const on = of.value.as_boolean();
        if (on == nullptr) wrong(of.where, "expected true or false");
        return {on->get() ? "true" : "false"};
    }
    auto const* const list = of.value.as_array();
    if (list == nullptr || of.option->get_expected_max() <= 1) {
        return {checked_word(of, of.value)};
    }
    if (list->empty()) wrong(of.where, "expected something in the list");
    std::vector<std::string> out;
    for (auto const& each : *list) out.push_back(checked_word(of, each));
    return out;
}

}  // namespace

std::vector<CLI::ConfigItem> scenario_file::from_config(std::istream& input) const {
    auto const file = app_.get_config_ptr()->as<std::string>();
    std::string const text{std::istreambuf_iterator<char>(input), {}};
    toml::table table;
    try {
        table = toml::parse(text, file);
    } catch (toml::parse_error const& error) {
        wrong(fmt::format("{}:{}", file, error.source().begin.line),
              fmt::format("not TOML: {}", error.description()));
    }
    bool const rate = app_.get_option("--rate")->count() > 0;
    bool const steps = app_.get_option("--step")->count() > 0;
    std::vector<CLI::ConfigItem> out;
    for (auto const& [key, value] : table) {
        std::string const name(key.str());
        entry const each{name, value, fmt::format("{}:{}: {}", file, key.source().begin.line, name),
                         option_of(app_, name)};
        if (each.option == nullptr) {
            wrong(each.where, value.is_table() ? "there are no sections, only keys"
                                               : "no such key; --help lists the flags, which the "
                                                 "keys are without their dashes");
        }
        auto words = words_of(each);
        if (rate && name == "step") continue;
        if (steps && (name == "rate" || name == "duration")) continue;
        CLI::ConfigItem item;
        item.name = name;
        item.inputs = std::move(words);
        out.push_back(std::move(item));
    }
    return out;
}

// Nobody asks for a file to be written.
std::string scenario_file::to_config(CLI::App const* /*app*/, bool /*defaults*/, bool /*describe*/,
                                     std::string /*prefix*/) const {
    return {};
}

}  // namespace bench
