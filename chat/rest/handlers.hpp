#pragma once

#include "chat/rest/rest_call.hpp"

// The endpoints, one function each, one file for each resource. On the connection's shard.

namespace chat::rest {

// audit.cpp
void list_audit(rest_call call);

// rooms.cpp
void create_room(rest_call call);
void create_channel(rest_call call);
void list_rooms(rest_call call);
void get_room(rest_call call);
void get_study_room(rest_call call);

// members.cpp
void add_member(rest_call call);
void join_room(rest_call call);
void leave_room(rest_call call);
void list_members(rest_call call);
void join_study(rest_call call);

// messages.cpp
void list_messages(rest_call call);
void send_message(rest_call call);

// notices.cpp
void tell_all(rest_call call);
void tell_user(rest_call call);
void tell_room(rest_call call);

// presence.cpp
void list_present(rest_call call);
void list_sessions(rest_call call);

// reads.cpp
void mark_read(rest_call call);
void get_unread(rest_call call);

}  // namespace chat::rest
