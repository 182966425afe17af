#pragma once

#include "chat/model.hpp"

#include <string>

// Somebody who may not come in, until the ban is lifted.

namespace chat {

struct ban {
    std::string user;  // broker::user_key(), or the name of the credentials
    std::string by;    // the name of who banned them
    timestamp since{};
    std::string reason;  // for people; may be empty
};

}  // namespace chat
