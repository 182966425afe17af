#include "bench/scenario/chat_bodies.hpp"

#include <fmt/format.h>

namespace bench {

stamped_text chat_body(std::uint64_t room, std::uint64_t sender, std::size_t content_bytes) {
    return {fmt::format(R"({{"chatRoomId":{},"senderId":{},"senderNickname":"bench","content":")",
                        room, sender),
            content_bytes, R"(","messageType":"CHAT"})"};
}

std::string join_body(std::uint64_t room, std::uint64_t sender) {
    return fmt::format(
        R"({{"chatRoomId":{},"senderId":{},"senderNickname":"bench","content":"","messageType":"JOIN"}})",
        room, sender);
}

std::string leave_body(std::uint64_t room, std::uint64_t sender) {
    return fmt::format(R"({{"chatRoomId":{},"senderId":{},"content":"","messageType":"LEAVE"}})",
                       room, sender);
}

std::string typing_body(std::uint64_t room, std::uint64_t sender) {
    return fmt::format(R"({{"chatRoomId":{},"senderId":{},"senderNickname":"bench"}})", room,
                       sender);
}

std::string read_body(std::uint64_t room, std::uint64_t reader, std::uint64_t last_read_seq) {
    return fmt::format(R"({{"chatRoomId":{},"senderId":{},"lastReadSeq":{}}})", room, reader,
                       last_read_seq);
}

stamped_text direct_body(std::uint64_t to, std::size_t content_bytes) {
    return {fmt::format(R"({{"to":{},"message":")", to), content_bytes, R"("})"};
}

}  // namespace bench
