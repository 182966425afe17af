#pragma once

#include "chat/model.hpp"

#include <chrono>
#include <cstdint>

// The server's clock, and times as the columns hold them: milliseconds since 1970, UTC.

namespace persistence {

inline chat::timestamp now() {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now());
}

inline std::int64_t to_column(chat::timestamp time) {
    return time.time_since_epoch().count();
}

inline chat::timestamp time_of_column(std::int64_t value) {
    return chat::timestamp(std::chrono::milliseconds(value));
}

}  // namespace persistence
