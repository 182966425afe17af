#pragma once

#include "chat/audit.hpp"
#include "chat/ban.hpp"
#include "chat/errors.hpp"
#include "chat/model.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

// One storage transaction seen from chat. Every call sees the effect of the calls before it;
// nothing is visible to others before the commit. A call that answers an error of the domain leaves
// the transaction usable. Text that is not UTF-8 or has a NUL is bad_field. Lives on a database
// thread.

namespace chat {

struct owed_message {
    user_id user;
    message_id message;
};

class unit_of_work {
public:
    virtual ~unit_of_work() = default;

    // Rooms.
    virtual result<room> create_room(new_room const& fields) = 0;  // study_has_room
    virtual result<room> find_room(room_id id) = 0;                // no_such_room
    virtual result<room> find_room_of_study(study_id id) = 0;      // no_such_room
    // The direct room of two different users, named in either order; both are its members.
    virtual result<room> find_direct_room(user_id first, user_id second) = 0;  // no_such_room
    // The same room, which is made when there is none, with both as members under the nicknames
    // that remember_user was told. However many do so at once, one room comes of it.
    virtual result<room> open_direct_room(user_id first, user_id second) = 0;  // no_such_user
    // Rooms that `who` may see: public ones and one's own, by id ascending, after `after`.
    virtual std::vector<room> list_rooms(std::optional<user_id> who, room_id after,
                                         std::size_t limit) = 0;
    virtual bool any_room() = 0;
    // The last seq of each room, in their order; 0 for one that does not exist.
    virtual std::vector<std::uint64_t> last_seqs(std::vector<room_id> const& rooms) = 0;

    // Members. Adding locks the room's row, so that a maximum holds under concurrency. What was
    // said before counts as read by the newcomer.
    virtual result<member> add_member(
        room_id room, user_id user, std::string_view nickname,
        member_role role) = 0;  // no_such_room, room_full, already_a_member
    virtual result<void> remove_member(room_id room, user_id user) = 0;  // not_a_member
    virtual result<member> find_member(room_id room, user_id user) = 0;  // not_a_member
    virtual std::vector<member> list_members(room_id room, user_id after, std::size_t limit) = 0;
    // Never moves backwards and never past the room's last seq; answers the value after the call.
    virtual result<std::uint64_t> set_last_read(room_id room, user_id user, std::uint64_t seq) = 0;
    virtual std::vector<member> memberships_of(user_id user) = 0;

    // Messages. append takes the room's next seq and writes the outbox row in the same transaction;
    // membership is the caller's affair here. A key that was used before gives the first one's
    // message. The batch path is message_writer.
    virtual result<stored_message> append(
        new_message const& fields) = 0;  // no_such_room, idempotency_conflict
    virtual std::vector<stored_message> read_after(room_id room, std::uint64_t seq,
                                                   std::size_t limit) = 0;  // ascending
    // Messages with a seq below `seq`, newest first.
    virtual std::vector<stored_message> read_before(room_id room, std::uint64_t seq,
                                                    std::size_t limit) = 0;

    // Direct messages (the CHAT messages of direct rooms) that others wrote to `user`, of which no
    // device of theirs is known to have got one and which they have not read: by id ascending,
    // after `after`. Within a room this is the order of seq.
    virtual std::vector<stored_message> undelivered(user_id user, message_id after,
                                                    std::size_t limit) = 0;
    // The newest message that undelivered() would have, of each direct room of each of these users,
    // by user.
    virtual std::vector<owed_message> newest_undelivered(std::vector<user_id> const& users) = 0;
    // A device of `user` has got these; the user's own messages among them count, so that who
    // writes much and is answered little is not looked at from the first message on each time.
    // Nothing is skipped: what is older in the same room, undelivered and not among them stays so,
    // with everything after it, and is the answer (at most 100).
    virtual std::vector<stored_message> mark_delivered(
        user_id user, std::vector<message_place> const& messages) = 0;

    // Users: known from the first time they were seen. The nickname is kept up to date when not
    // empty.
    virtual void remember_user(user_id user, std::string_view nickname) = 0;
    virtual result<user> find_user(user_id user) = 0;  // no_such_user

    // Bans. At most one for each name of a user.
    virtual std::vector<ban> list_bans() = 0;  // by user
    virtual void put_ban(ban const& what) = 0;
    // False: there was none.
    virtual bool lift_ban(std::string_view user) = 0;

    // The audit log. An entry stands or falls with this transaction; none is ever changed.
    virtual void record(new_audit_entry const& what) = 0;
    // By id descending, below `before`.
    virtual std::vector<audit_entry> read_audit(audit_filter const& wanted, std::uint64_t before,
                                                std::size_t limit) = 0;
    // Deletes up to `limit` of the oldest entries that are older than `before`; answers how many.
    virtual std::size_t forget_audit(timestamp before, std::size_t limit) = 0;
};

}  // namespace chat
