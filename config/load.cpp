#include "config/load.hpp"

#include "config/source.hpp"
#include "config/validate.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>

namespace config {
namespace {

// Keys of which one stands for the other: what a higher source says in one drops the other.
constexpr std::pair<std::string_view, std::string_view> alternatives[] = {
    {"auth.jwt.secret", "auth.jwt.secret_file"},
    {"auth.jwt.jwks_file", "auth.jwt.jwks_url"},
    {"storage.connection", "storage.connection_file"},
    {"storage.replica", "storage.replica_file"},
    {"cluster.secret", "cluster.secret_file"},
    {"rabbitmq.password", "rabbitmq.password_file"},
    {"redis.password", "redis.password_file"},
    {"eureka.password", "eureka.password_file"},
};

class loading {
public:
    explicit loading(file_reader const& read_file) : read_file_(read_file) {}

    void add(source from) {
        if (!from.wrong.empty()) unread_ = true;
        for (auto& one : from.wrong) out_.wrong.push_back(std::move(one));
        for (auto& one : from.assignments) assignments_.push_back(std::move(one));
        for (auto& one : from.elements) elements_.push_back(std::move(one));
        for (auto const* array : from.emptied) given_arrays_.insert(array->path);
    }

    void add_file(std::filesystem::path const& path) {
        auto const text = read_file_(path);
        if (!text) {
            out_.wrong.push_back(
                {path.string(), "",
                 "the configuration file cannot be read: " + text.error().message()});
            return;
        }
        add(read_toml(*text, path));
    }

    loaded finish(flags const& given) {
        size_arrays();
        settle_alternatives();
        apply_all();
        apply_flags(given);
        check_required();
        supply_access_rules();
        // Values that nobody could read are not there to be compared.
        if (!unread_) validate(out_.values, where_, out_.wrong);
        return std::move(out_);
    }

private:
    // An element of the environment may extend an array by one, not leave a gap.
    void size_arrays() {
        std::ranges::stable_sort(elements_, {}, &array_element::element);
        for (auto const& one : elements_) {
            given_arrays_.insert(one.which->path);
            auto const size = one.which->size(out_.values);
            if (one.element < size) continue;
            if (one.element == size) {
                one.which->resize(out_.values, size + 1);
                where_[concrete_path(std::string(one.which->path) + "[]", size)] = one.where;
                continue;
            }
            out_.wrong.push_back({one.where, std::string(one.which->path),
                                  fmt::format("there is no element {} before this one", size)});
        }
        if (out_.values.listeners.empty()) out_.values.listeners.resize(1);
    }

    void settle_alternatives() {
        for (auto const& [one_way, other_way] : alternatives) {
            auto const* a = last_of(one_way);
            auto const* b = last_of(other_way);
            if (!a || !b) continue;
            if (a->rank == b->rank) {
                out_.wrong.push_back({b->value.where, std::string(other_way),
                                      fmt::format("{} is given too, {}; expected one of the two",
                                                  one_way, a->value.where)});
            }
            auto const loser = a->rank < b->rank ? one_way : other_way;
            std::erase_if(assignments_,
                          [&](assignment const& one) { return one.which->path == loser; });
        }
    }

    assignment const* last_of(std::string_view path) const {
        assignment const* found = nullptr;
        for (auto const& one : assignments_) {
            if (one.which->path == path) found = &one;
        }
        return found;
    }

    void apply_all() {
        // Sorted so that the last one to be applied to a place is the one that wins.
        std::ranges::stable_sort(assignments_, {}, &assignment::rank);
        for (auto one = assignments_.begin(); one != assignments_.end(); ++one) {
            bool const overridden =
                std::any_of(one + 1, assignments_.end(), [&](auto const& other) {
                    return other.which == one->which && other.element == one->element;
                });
            apply(*one, overridden);
        }
    }

    // A value that is overridden is still checked, but files that it names need not be there.
    void apply(assignment const& one, bool overridden = false) {
        auto const type = one.which->expected.type;
        bool const reads = type == value_type::file_content || type == value_type::readable_path;
        if (overridden && reads) return;
        auto const path = concrete_path(one.which->path, one.element);
        where_[path] = one.value.where;
        if (has_gap(one)) return;  // said already
        auto const error = one.which->assign(out_.values, one.element, one.value, read_file_);
        if (error) out_.wrong.push_back({one.value.where, path, *error});
    }

    bool has_gap(assignment const& one) const {
        for (auto const& array : key_arrays()) {
            if (one.which->path.starts_with(std::string(array.path) + "[]")) {
                return one.element >= array.size(out_.values);
            }
        }
        return false;
    }

    void apply_flags(flags const& given) {
        if (given.listen) {
            auto& all = out_.values.listeners;
            auto const http =
                std::ranges::find(all, listener_protocol::http, &listener_settings::protocol);
            auto const element = static_cast<std::size_t>(http - all.begin());
            if (http == all.end()) all.emplace_back();
            apply_flag("listeners[].address", element, "--listen", *given.listen);
        }
        if (given.data) apply_flag("node.data_directory", 0, "--data", *given.data);
        if (given.shards) apply_flag("node.shards", 0, "--shards", *given.shards);
    }

    void apply_flag(std::string_view path, std::size_t element, std::string_view name,
                    std::string const& text) {
        written value{text, true, fmt::format("flag {}", name), {}};
        apply({find_key(path), element, std::move(value), source_rank::flag});
    }

    void check_required() {
        for (auto const& array : key_arrays()) {
            auto const prefix = std::string(array.path) + "[]";
            for (std::size_t i = 0; i < array.size(out_.values); ++i) {
                for (auto const& one : keys()) {
                    if (!one.required || !one.path.starts_with(prefix)) continue;
                    auto const path = concrete_path(one.path, i);
                    if (where_.contains(path)) continue;
                    out_.wrong.push_back({where_.at(concrete_path(prefix, i)), path,
                                          "missing; expected " + describe(one.expected)});
                }
            }
        }
    }

    // The open mode is for a first try, which should include a topic to try.
    void supply_access_rules() {
        auto& broker = out_.values.broker;
        broker.access_given = given_arrays_.contains("broker.access");
        if (broker.access_given || out_.values.auth.mode != auth_mode::open) return;
        broker.access.push_back({"/topic/public/**", {"*"}, {"*"}, {}});
    }

    file_reader const& read_file_;
    std::vector<assignment> assignments_;
    std::vector<array_element> elements_;
    std::set<std::string_view> given_arrays_;
    places where_;
    bool unread_ = false;  // part of a source could not be read at all
    loaded out_;
};

}  // namespace

std::string to_string(problem const& one) {
    std::string out = one.where;
    for (auto const* part : {&one.key, &one.what}) {
        if (part->empty()) continue;
        if (!out.empty()) out += ": ";
        out += *part;
    }
    // Names of keys and variables may have anything in them; a log has one line for a problem.
    std::ranges::replace_if(
        out, [](unsigned char c) { return c < ' ' || c == 0x7F; }, '?');
    return out;
}

std::string concrete_path(std::string_view path, std::size_t element) {
    auto const open = path.find("[]");
    if (open == std::string_view::npos) return std::string(path);
    return fmt::format("{}[{}]{}", path.substr(0, open), element, path.substr(open + 2));
}

loaded load(inputs const& from) {
    loading work(from.read_file);
    if (from.file) work.add_file(*from.file);
    work.add(read_environment(from.environment));
    return work.finish(from.given);
}

std::vector<std::string> process_environment() {
    std::vector<std::string> out;
    for (char** variable = environ; variable && *variable; ++variable) out.emplace_back(*variable);
    return out;
}

}  // namespace config
