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

// A file's name in auth is taken up with all of that section; elsewhere only its content is.
bool taken_up(std::string_view path, reload when) {
    return when == reload::value || (when == reload::content && path.starts_with("auth."));
}

bool array_taken_up(key_array const& array) {
    return std::ranges::any_of(keys(), [&array](key const& one) {
        return array_of(one.path) == &array && one.reloads == reload::value;
    });
}

}  // namespace

changes compare(settings const& before, settings const& after) {
    changes out;
    auto const note = [&out](bool in_use, std::string path) {
        auto& list = in_use ? out.in_use : out.need_a_restart;
        if (std::ranges::find(list, path) == list.end()) list.push_back(std::move(path));
    };
    for (auto const& one : keys()) {
        auto const* const array = array_of(one.path);
        if (array != nullptr && array->size(before) != array->size(after)) {
            note(array_taken_up(*array), std::string(array->path));
            continue;
        }
        auto const elements = array == nullptr ? 1 : array->size(after);
        for (std::size_t i = 0; i < elements; ++i) {
            if (one.same(before, after, i)) continue;
            note(taken_up(one.path, one.reloads), concrete_path(one.path, i));
        }
    }
    return out;
}

settings with_changes(settings before, settings const& after) {
    before.auth = after.auth;
    before.limits.rate = after.limits.rate;
    before.limits.connections = after.limits.connections;
    before.log.level = after.log.level;
    return before;
}

}  // namespace config
