#include "chat/services/direct_service.hpp"

#include "chat/services/member_service.hpp"

namespace chat::direct_service {

result<room_id> find_room(unit_of_work& unit, user_id from, user_id to) {
    auto found = unit.find_direct_room(from, to);
    if (!found) return found.error();
    return found->id;
}

result<room_id> open_room(unit_of_work& unit, user_id from, std::string_view nickname, user_id to) {
    if (auto receiver = unit.find_user(to); !receiver) return receiver.error();
    // Members take the nicknames that are known, so let both have one.
    unit.remember_user(to, member_service::remember(unit, to, {}));
    unit.remember_user(from, member_service::remember(unit, from, nickname));
    auto made = unit.open_direct_room(from, to);
    if (!made) return made.error();
    return made->id;
}

}  // namespace chat::direct_service
