#pragma once

#include <string_view>

namespace chat {

// Whether nobody would see anything of a text: it is empty, or of white space, characters without
// width and fillers only (Unicode: White_Space, and what Default_Ignorable_Code_Point and the blank
// of Braille show as nothing where they stand alone). `utf8` is valid.
bool is_blank(std::string_view utf8) noexcept;

}  // namespace chat
