#include "config/changes.hpp"

#include "config/keys.hpp"
#include "config/source.hpp"

#include <algorithm>
#include <string_view>

namespace config {
namespace {

key_array const* array_of(std::string_view path) {
    auto const open = path.find("[]");
    if (open == std::string_view::npos) return nullptr;
    auto const found = std::ranges::find(key_arrays(), path.substr(0, open), &key_array::path);
    return found == key_arrays().end() ? nullptr : &*found;
}

bool keeps_mode(settings const& before, settings const& after) {
    return before.auth.mode == after.auth.mode;
}

// A file's name in auth is taken up with all of that section; elsewhere only its content is.
bool taken_up(key const& one, bool same_mode) {
    if (one.path.starts_with("auth.")) return same_mode && one.reloads != reload::no;
    return one.reloads == reload::value;
}

bool array_taken_up(key_array const& array, bool same_mode) {
    return std::ranges::any_of(keys(), [&array, same_mode](key const& one) {
        return array_of(one.path) == &array && taken_up(one, same_mode);
    });
}

}  // namespace

changes compare(settings const& before, settings const& after) {
    changes out;
    auto const note = [&out](bool in_use, std::string path) {
        auto& list = in_use ? out.in_use : out.need_a_restart;
        if (std::ranges::find(list, path) == list.end()) list.push_back(std::move(path));
    };
    bool const same_mode = keeps_mode(before, after);
    bool const both_wrote = before.broker.access_given && after.broker.access_given;
    if (before.broker.access_given != after.broker.access_given) note(false, "broker.access");
    for (auto const& one : keys()) {
        auto const* const array = array_of(one.path);
        if (!both_wrote && one.path.starts_with("broker.access[]")) continue;
        if (array != nullptr && array->size(before) != array->size(after)) {
            note(array_taken_up(*array, same_mode), std::string(array->path));
            continue;
        }
        auto const elements = array == nullptr ? 1 : array->size(after);
        for (std::size_t i = 0; i < elements; ++i) {
            if (one.same(before, after, i)) continue;
            note(taken_up(one, same_mode), concrete_path(one.path, i));
        }
    }
    return out;
}

settings with_changes(settings before, settings const& after) {
    if (keeps_mode(before, after)) before.auth = after.auth;
    before.limits.rate = after.limits.rate;
    before.limits.connections = after.limits.connections;
    before.log.level = after.log.level;
    return before;
}

}  // namespace config
