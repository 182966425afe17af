#pragma once

#include "chat/model.hpp"

#include <optional>
#include <string_view>

namespace chat::rest {

// A date-time of RFC 3339, 5.6, with any offset and any fraction of a second, of which the
// milliseconds count; also without the seconds. A date alone is its midnight in UTC.
std::optional<timestamp> parse_date_time(std::string_view text);

}  // namespace chat::rest
