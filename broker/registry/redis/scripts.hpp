#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// What must be atomic in Redis: Lua, run there. The keys:
//
//   stampede:node:<id>          lease: "<epoch> <internal address>", expires
//   stampede:nodes              hash: id -> "<epoch> <generation confirmed, or -> <lost since, or
//   0>" stampede:generation         "<run id of the Redis process>.<ms since 1970>.<random>": one
//   life
//                               of the data; a new one when Redis was restarted or emptied
//   stampede:topic:<destination>, stampede:patterns, stampede:user:<name>
//                               tokens of the nodes that have somebody, divided by blanks
//   stampede:sessions:<user>    hash: "<session> <transport> <since, s>" -> token of its node; who
//   is
//                               here has its token in stampede:user:<user>, too
//   stampede:sockjs:<session>   token of the node that owns it
//   channel:<room>:users        set of users in the room
//   stampede:room:<room>        hash: user -> number of nodes the user is in the room on
//   stampede:held:<token>       set of the keys that hold this token
//   stampede:present:<token>    set of "<room> <user>" that this node put there
//   stampede:swept:<token>      for an hour after its users were told to have left
//   stampede:gone:<room> <user> for a minute after it was told that the user was gone when the data
//                               were lost
//   stampede:off_bus            sorted set of the nodes that are off the bus, by the time until
//                               which that holds unless they say it again
//   stampede:canary:<id>        what that node has written last to see whether it can; expires
//   stampede:dead               sorted set of tokens to be swept, by the time they are due
//
// A token is "<node id>.<epoch>". The epoch, 16 hexadecimal digits, is new each time a node joins,
// so a token that is dead once is dead for ever.

namespace broker::redis {

enum class script : std::uint8_t {
    join,     // a node comes in, or comes back
    tick,     // renews the lease, tells who is there
    confirm,  // everything this node has is written
    write,    // tokens into keys, and out of them
    attend,   // users into rooms, and out of them
    gone,     // users who left while Redis was away
    claim,    // a SockJS session
    owner,    // of a SockJS session
    find,     // the sessions of a user that are elsewhere
    count,    // them, of several users
    sweep,    // takes away what dead tokens left behind
    goodbye,  // a node goes, cleanly
    canary,   // whether what is written can be read
};
constexpr std::size_t script_count = 13;

// Their names at the Redis of a connection: what EVALSHA takes.
using script_names = std::array<std::string, script_count>;

std::string text_of(script which);

}  // namespace broker::redis
