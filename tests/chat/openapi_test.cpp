#include "chat/json/notice_json.hpp"
#include "chat/json/rest_requests.hpp"
#include "chat/rest/rest_service.hpp"
#include "chat/rest/route_table.hpp"

#include <doctest/doctest.h>
#include <map>
#include <optional>
#include <set>
#include <string>

// The document is laid out by rule: paths at two spaces, methods at four, one line for each
// example.

using namespace chat;

namespace {

struct operation {
    std::set<std::string> parameters;  // of its path, in order of their names
    std::string example;               // of the request body, JSON
    bool unauthorized = false;         // says what a 401 is
};

std::string after(std::string_view line, std::string_view front) {
    auto const from = line.find(front);
    return from == std::string_view::npos ? "" : std::string(line.substr(from + front.size()));
}

// "POST /api/channels" -> what is said about it.
std::map<std::string, operation> documented() {
    std::map<std::string, operation> found;
    auto text = rest::openapi_document();
    auto in_paths = false;
    std::string path;
    operation* current = nullptr;
    while (!text.empty()) {
        auto const end = text.find('\n');
        auto const line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (!line.empty() && line[0] != ' ') in_paths = line == "paths:";
        if (!in_paths) continue;
        if (line.starts_with("  /")) {
            path = std::string(line.substr(2, line.size() - 3));
        } else if (line.starts_with("    ") && line.size() > 4 && line[4] != ' ') {
            std::string method(line.substr(4, line.size() - 5));
            for (auto& c : method) c = static_cast<char>(c - 32);
            current = &found[method + " " + path];
        } else if (auto name = after(line, "#/components/parameters/"); !name.empty()) {
            current->parameters.insert(name.substr(0, name.find('"')));
        } else if (auto own = after(line, "        - {name: "); !own.empty()) {
            current->parameters.insert(own.substr(0, own.find(',')));
        } else if (auto json = after(line, "            example: "); !json.empty()) {
            current->example = json;
        } else if (line.starts_with("        \"401\":")) {
            current->unauthorized = true;
        }
    }
    // Of the node, not of the chat: they have no row in the table, nor credentials.
    std::erase_if(found, [](auto const& each) {
        return each.first.find(" /health/") != std::string::npos ||
               each.first.find(" /console/") != std::string::npos;
    });
    return found;
}

std::set<std::string> path_parameters(std::string_view path) {
    std::set<std::string> names;
    while (path.find('{') != std::string_view::npos) {
        path.remove_prefix(path.find('{') + 1);
        names.emplace(path.substr(0, path.find('}')));
    }
    return names;
}

}  // namespace

TEST_CASE("every endpoint is documented, and nothing else is") {
    std::set<std::string> in_document;
    for (auto const& [name, what] : documented()) in_document.insert(name);
    std::set<std::string> in_table;
    for (auto const& row : rest::routes())
        in_table.insert(std::string(row.method) + " " + std::string(row.path));
    CHECK(in_document == in_table);
}

TEST_CASE("every documented endpoint names the parameters of its path and its refusals") {
    for (auto const& [name, what] : documented()) {
        CAPTURE(name);
        CHECK(what.unauthorized);
        for (auto const& parameter : path_parameters(name))
            CHECK(what.parameters.contains(parameter));
    }
}

TEST_CASE("the documented examples of request bodies are accepted") {
    auto const operations = documented();
    auto const accepted = [&](std::string const& name, auto decode) {
        CAPTURE(name);
        auto const found = operations.find(name);
        REQUIRE(found != operations.end());
        REQUIRE_FALSE(found->second.example.empty());
        auto const decoded = decode(found->second.example);
        CHECK(decoded.has_value());
    };
    accepted("POST /api/chat/rooms", json::decode_create_room);
    accepted("POST /api/channels", json::decode_create_room);
    accepted("POST /api/chat/rooms/member", json::decode_add_member);
    accepted("POST /api/chat/internal/rooms/member", json::decode_join_study);
    accepted("POST /api/chat/rooms/{chatRoomId}/join", json::decode_member);
    accepted("POST /api/chat/rooms/{chatRoomId}/leave", json::decode_member);
    accepted("POST /api/chat/rooms/{chatRoomId}/messages", json::decode_member);
    accepted("POST /api/chat/rooms/{chatRoomId}/read", json::decode_read);
    auto const notice = [](json::audience to) {
        return [to](std::string_view body) { return json::decode_notice_message(body, to, 1); };
    };
    accepted("POST /api/chat/internal/notifications", notice(json::audience::all));
    accepted("POST /api/chat/internal/users/{receiverId}/notifications",
             notice(json::audience::user));
    accepted("POST /api/chat/internal/rooms/{chatRoomId}/notifications",
             notice(json::audience::channel));
    for (auto const& [name, what] : operations) {
        CAPTURE(name);
        CHECK(what.example.empty() == name.starts_with("GET"));
    }
}
