#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

// Which handler a method and a path belong to.

namespace chat::rest {

class rest_call;

struct route {
    std::string_view method;
    std::string_view path;  // "/api/chat/rooms/{chatRoomId}/join"
    void (*handle)(rest_call call);
};

// Every endpoint of the chat. Rows of one path stand together; of two paths that match, the first
// one counts.
std::span<route const> routes() noexcept;

struct route_match {
    route const* row = nullptr;                // null: no such path, or not with this method
    std::string allow;                         // the path's methods; empty: no such path
    std::vector<std::string_view> parameters;  // views of the path, still percent-encoded
};

// HEAD finds the row of GET. A slash at the end of the path does not count.
route_match find_route(std::string_view method, std::string_view path);

}  // namespace chat::rest
