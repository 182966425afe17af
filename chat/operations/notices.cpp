#include "chat/operations/notices.hpp"

#include "chat/message_builder.hpp"

#include <string>
#include <utility>

namespace chat::operations {

broker::bus_event notice_event(json::notice const& what) {
    switch (what.to) {
        case json::audience::channel: return broker::topic_event{room_notice(what)};
        case json::audience::user:
            return broker::user_event{std::to_string(what.target), std::string(notifications_queue),
                                      user_notice(what)};
        case json::audience::all: break;
    }
    return broker::everybody_event{std::string(notifications_queue), user_notice(what)};
}

void tell(context& chat, broker::executor& home, json::notice what,
          broker::unique_function<void(result<void>)> done) {
    if (what.to == json::audience::all) {
        chat.bus.publish({notice_event(what)});
        return done({});
    }
    auto work = [to = what.to, target = what.target](unit_of_work& unit) -> result<json::audience> {
        if (to == json::audience::channel) {
            if (auto found = unit.find_room(room_id(target)); !found) return found.error();
        } else if (auto found = unit.find_user(user_id(target)); !found) {
            return found.error();
        }
        return to;
    };
    auto found = [&bus = chat.bus, what = std::move(what),
                  done = std::move(done)](result<json::audience> there) mutable {
        if (!there) return done(there.error());
        bus.publish({notice_event(what)});
        done({});
    };
    in_transaction(chat.store, access::read_only, home, std::move(work), std::move(found));
}

}  // namespace chat::operations
