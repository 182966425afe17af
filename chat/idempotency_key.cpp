#include "chat/idempotency_key.hpp"

#include "chat/limits.hpp"
#include "stomp/utf8.hpp"

namespace chat {

checked<std::string> check_idempotency_key(std::string_view header) {
    if (header.empty()) return std::string();
    auto const storable = header.size() <= limits::idempotency_key_bytes &&
                          header.find('\0') == std::string_view::npos &&
                          stomp::is_valid_utf8(header);
    if (storable) return std::string(header);
    return refusal(errc::bad_field, "The header 'idempotency-key' must be UTF-8 of at most " +
                                        std::to_string(limits::idempotency_key_bytes) + " bytes.");
}

}  // namespace chat
