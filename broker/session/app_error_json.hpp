#pragma once

#include <optional>
#include <string>
#include <string_view>

// The body of a MESSAGE on /user/queue/errors.

namespace broker {

struct app_error_report {
    std::string_view code;
    std::string_view reason;
    std::string_view destination;  // may be empty: not known any more
    std::optional<std::string_view> receipt;
    std::optional<std::string_view> idempotency_key;
};

// {"code":"…","reason":"…","destination":"…","receipt":"…","idempotencyKey":"…"}: one JSON object,
// UTF-8 whatever the texts hold; what there is not is left out.
std::string to_json(app_error_report const& report);

}  // namespace broker
