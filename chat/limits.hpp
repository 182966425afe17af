#pragma once

#include <cstddef>
#include <cstdint>

// What one request may bring. The length of a message's content is configured
// (chat_options::max_content_length).

namespace chat::limits {

inline constexpr std::size_t nickname_length = 100;                 // code points
inline constexpr std::size_t room_name_length = 200;                // code points
inline constexpr std::size_t metadata_bytes = 8 * 1024;             // of JSON
inline constexpr std::size_t idempotency_key_bytes = 200;           // of a header
inline constexpr std::size_t room_members = 1'000'000;              // the highest maxMembers
inline constexpr std::size_t event_type_length = 100;               // code points
inline constexpr std::size_t event_id_length = 200;                 // code points
inline constexpr std::size_t notice_bytes = 64 * 1024;              // of JSON
inline constexpr std::size_t audit_name_bytes = 200;                // of credentials
inline constexpr std::size_t page_default = 50;                     // items
inline constexpr std::size_t page_max = 100;                        // items
inline constexpr std::uint64_t highest_id = 0x7fff'ffff'ffff'ffff;  // a database's bigint

}  // namespace chat::limits
