#include "chat/json/rest_answers.hpp"
#include "chat/rest/cursor.hpp"
#include "chat/rest/handlers.hpp"
#include "chat/room_access.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

// Who is connected: the members of a room, and the sessions of a user.

namespace chat::rest {
namespace {

// Members that one request looks at, and how many of them at a time.
constexpr std::size_t most_members = 1000;
constexpr std::size_t portion = 250;

// Goes through the members until enough of them are found to be connected.
class present_search : public std::enable_shared_from_this<present_search> {
public:
    present_search(rest_call call, room_id room, user_id after, std::size_t limit)
        : call_(std::move(call)), room_(room), after_(after), limit_(limit) {}

    void next() {
        auto work = [room = room_, caller = call_.caller(),
                     after = after_](unit_of_work& unit) -> result<std::vector<member>> {
            if (auto allowed = may_see_present(unit, room, caller); !allowed)
                return allowed.error();
            return unit.list_members(room, after, portion);
        };
        auto done = [self = shared_from_this()](result<std::vector<member>> members) {
            if (!members) return self->call_.refuse(members.error());
            self->count(std::move(*members));
        };
        in_transaction(call_.chat().store, access::replica_read, call_.home(), std::move(work),
                       std::move(done));
    }

private:
    void count(std::vector<member> members) {
        std::vector<std::string> users;
        users.reserve(members.size());
        for (auto const& each : members) users.push_back(std::to_string(each.user.value));
        auto done = [self = shared_from_this(),
                     members = std::move(members)](broker::session_counts const& found) mutable {
            self->take(std::move(members), found);
        };
        call_.chat().sessions.count_sessions(std::move(users), call_.home(), std::move(done));
    }

    void take(std::vector<member> members, broker::session_counts const& found) {
        whole_ = whole_ && found.whole;
        for (std::size_t i = 0; i < members.size(); ++i) {
            if (found.counts[i] == 0) continue;
            // There is somebody for the next page.
            if (present_.size() == limit_) return answer(present_.back().user);
            present_.push_back({members[i].user, std::move(members[i].nickname), found.counts[i]});
        }
        if (members.size() < portion) return answer({});
        after_ = members.back().user;
        looked_at_ += members.size();
        if (looked_at_ >= most_members) return answer(after_);
        next();
    }

    void answer(std::optional<user_id> last) {
        std::optional<std::string> cursor;
        if (last) cursor = make_cursor(cursor_kind::present, room_.value, last->value);
        call_.answer(200, json::present_page(present_, cursor, whole_));
    }

    rest_call call_;
    room_id room_;
    user_id after_;
    std::size_t limit_;
    std::size_t looked_at_ = 0;
    std::vector<json::present_member> present_;
    bool whole_ = true;
};

}  // namespace

void list_present(rest_call call) {
    auto const id = call.path_id(errc::no_such_room);
    if (id.has_error()) return call.refuse(id.error());
    auto const limit = call.limit();
    if (limit.has_error()) return call.refuse(limit.error());
    auto const cursor = call.cursor(cursor_kind::present, *id);
    if (cursor.has_error()) return call.refuse(cursor.error());
    user_id const after(cursor->value_or(0));
    std::make_shared<present_search>(std::move(call), room_id(*id), after, *limit)->next();
}

void list_sessions(rest_call call) {
    auto const id = call.path_id(errc::no_such_user);
    if (id.has_error()) return call.refuse(id.error());
    auto const limit = call.limit();
    if (limit.has_error()) return call.refuse(limit.error());
    user_id const of(*id);
    if (auto const allowed = may_see_sessions(of, call.caller()); !allowed)
        return call.refuse(allowed.error());
    auto& sessions = call.chat().sessions;
    auto& home = call.home();
    auto done = [call = std::move(call), of](broker::found_sessions const& found) mutable {
        call.answer(200, json::session_list(of, found));
    };
    sessions.find_sessions(std::to_string(of.value), *limit, home, std::move(done));
}

}  // namespace chat::rest
