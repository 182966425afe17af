#include "chat/rest/route_table.hpp"

#include "chat/rest/handlers.hpp"

#include <array>
#include <optional>

namespace chat::rest {
namespace {

constexpr std::array rows{
    route{"POST", "/api/chat/rooms", create_room},
    route{"GET", "/api/chat/rooms", list_rooms},
    route{"POST", "/api/chat/rooms/member", add_member},
    route{"GET", "/api/chat/rooms/study/{studyId}", get_study_room},
    route{"GET", "/api/chat/rooms/{chatRoomId}", get_room},
    route{"POST", "/api/chat/rooms/{chatRoomId}/join", join_room},
    route{"POST", "/api/chat/rooms/{chatRoomId}/leave", leave_room},
    route{"GET", "/api/chat/rooms/{chatRoomId}/messages", list_messages},
    route{"POST", "/api/chat/rooms/{chatRoomId}/messages", send_message},
    route{"POST", "/api/chat/rooms/{chatRoomId}/read", mark_read},
    route{"GET", "/api/chat/rooms/{chatRoomId}/unread", get_unread},
    route{"GET", "/api/chat/rooms/{chatRoomId}/members", list_members},
    route{"GET", "/api/chat/rooms/{chatRoomId}/present", list_present},
    route{"POST", "/api/chat/internal/rooms/member", join_study},
    route{"POST", "/api/chat/internal/notifications", tell_all},
    route{"POST", "/api/chat/internal/users/{receiverId}/notifications", tell_user},
    route{"POST", "/api/chat/internal/rooms/{chatRoomId}/notifications", tell_room},
    route{"GET", "/api/users/{userId}/sessions", list_sessions},
    route{"GET", "/api/chat/audit", list_audit},
    route{"POST", "/api/channels", create_channel},
    route{"GET", "/api/channels/{channelId}/messages", list_messages},
};

std::string_view take_segment(std::string_view& path) {
    auto const end = path.find('/');
    auto const segment = path.substr(0, end);
    path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
    return segment;
}

std::optional<std::vector<std::string_view>> match(std::string_view path,
                                                   std::string_view pattern) {
    std::vector<std::string_view> parameters;
    while (!path.empty() && !pattern.empty()) {
        auto const segment = take_segment(path);
        auto const wanted = take_segment(pattern);
        if (wanted.starts_with('{')) {
            if (segment.empty()) return std::nullopt;
            parameters.push_back(segment);
        } else if (segment != wanted) {
            return std::nullopt;
        }
    }
    if (!path.empty() || !pattern.empty()) return std::nullopt;
    return parameters;
}

}  // namespace

std::span<route const> routes() noexcept {
    return rows;
}

route_match find_route(std::string_view method, std::string_view path) {
    route_match found;
    // To HEAD the same is answered; the connection leaves the body out.
    auto const wanted = method == "HEAD" ? "GET" : method;
    std::string_view matched;
    for (auto const& row : rows) {
        if (matched.empty()) {
            auto parameters = match(path, row.path);
            if (!parameters) continue;
            matched = row.path;
            found.parameters = std::move(*parameters);
        } else if (row.path != matched) {
            continue;
        }
        if (row.method == wanted) found.row = &row;
        if (!found.allow.empty()) found.allow.append(", ");
        found.allow.append(row.method == "GET" ? "GET, HEAD" : row.method);
    }
    return found;
}

}  // namespace chat::rest
