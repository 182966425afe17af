#include "chat/blank.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace chat {
namespace {

using namespace std::string_view_literals;

constexpr auto ascii = " \t\r\n\f\v"sv;

// In UTF-8.
constexpr std::array others{
    "\u0085"sv, "\u00a0"sv, "\u00ad"sv, "\u034f"sv, "\u061c"sv, "\u115f"sv, "\u1160"sv,
    "\u1680"sv, "\u17b4"sv, "\u17b5"sv, "\u180e"sv, "\u2000"sv, "\u2001"sv, "\u2002"sv,
    "\u2003"sv, "\u2004"sv, "\u2005"sv, "\u2006"sv, "\u2007"sv, "\u2008"sv, "\u2009"sv,
    "\u200a"sv, "\u200b"sv, "\u200c"sv, "\u200d"sv, "\u200e"sv, "\u200f"sv, "\u2028"sv,
    "\u2029"sv, "\u202f"sv, "\u205f"sv, "\u2060"sv, "\u2061"sv, "\u2062"sv, "\u2063"sv,
    "\u2064"sv, "\u2800"sv, "\u3000"sv, "\u3164"sv, "\ufeff"sv, "\uffa0"sv,
};

}  // namespace

bool is_blank(std::string_view utf8) noexcept {
    while (!utf8.empty()) {
        std::size_t size = ascii.find(utf8.front()) != ascii.npos ? 1 : 0;
        if (size == 0 && static_cast<unsigned char>(utf8.front()) >= 0x80) {
            auto const* const found = std::ranges::find_if(
                others, [utf8](std::string_view one) { return utf8.starts_with(one); });
            if (found != others.end()) size = found->size();
        }
        if (size == 0) return false;
        utf8.remove_prefix(size);
    }
    return true;
}

}  // namespace chat
