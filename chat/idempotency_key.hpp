#pragma once

#include "chat/refusal.hpp"

#include <string>
#include <string_view>

// A client's name for a send, so that it is stored once however often it is tried.

namespace chat {

// Empty: none. bad_field when it cannot be stored: too long, not UTF-8, or with a U+0000.
checked<std::string> check_idempotency_key(std::string_view header);

}  // namespace chat
