#include "web/assets.hpp"

#include <algorithm>

namespace web {

asset const* find_asset(std::string_view path) noexcept {
    auto all = assets();
    auto found = std::ranges::lower_bound(all, path, {}, &asset::path);
    return found != all.end() && found->path == path ? &*found : nullptr;
}

}  // namespace web
