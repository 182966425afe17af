#pragma once

#include "broker/ports/executor.hpp"
#include "chat/operations/context.hpp"
#include "chat/services/member_service.hpp"
#include "chat/services/room_service.hpp"

#include <string>

// Joining and leaving, told to the room. Called on a shard, `home`; `done` is called there, after
// the commit.

namespace chat::operations {

using join_done = broker::unique_function<void(result<member_service::joined>)>;

// `origin` is for the audit log.
void join(context& chat, broker::executor& home, member_service::newcomer who, audit_origin origin,
          join_done done);

void add_member(context& chat, broker::executor& home, member_service::newcomer who,
                identity caller, audit_origin origin, join_done done);

// The room of a study with this member in it: both are made when they are not there.
struct study_join {
    member_service::joined joined;
    bool room_created = false;
};
void join_study(context& chat, broker::executor& home, new_room fields,
                member_service::newcomer who, audit_origin origin,
                broker::unique_function<void(result<study_join>)> done);

// Ends the membership; the user's subscriptions to the room end behind the LEAVE message.
void leave(context& chat, broker::executor& home, room_id room, user_id user, std::string content,
           audit_origin origin, broker::unique_function<void(result<stored_message>)> done);

}  // namespace chat::operations
