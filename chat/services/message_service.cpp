#include "chat/services/message_service.hpp"

#include "chat/limits.hpp"

namespace chat::message_service {
namespace {

message_page page_of(room room, std::vector<stored_message> found, std::size_t limit) {
    message_page page{std::move(room), std::move(found)};
    page.more = page.messages.size() > limit;
    if (page.more) page.messages.resize(limit);
    return page;
}

}  // namespace

result<message_page> newest_first(unit_of_work& unit, room_id room, identity const& caller,
                                  std::optional<std::uint64_t> before, std::size_t limit) {
    auto view = readable_room(unit, room, caller);
    if (!view) return view.error();
    // One more than asked for tells whether there is another page.
    auto found = unit.read_before(room, before.value_or(limits::highest_id), limit + 1);
    return page_of(std::move(view->room), std::move(found), limit);
}

result<message_page> ascending(unit_of_work& unit, room_id room, identity const& caller,
                               std::uint64_t after, std::size_t limit) {
    auto view = readable_room(unit, room, caller);
    if (!view) return view.error();
    auto found = unit.read_after(room, after, limit + 1);
    return page_of(std::move(view->room), std::move(found), limit);
}

}  // namespace chat::message_service
