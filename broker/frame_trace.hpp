#pragma once

#include "stomp/frame.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

// A look at the frames of one user, or of one destination, for a while.

namespace broker {

// One frame as it came or went; its views are good during the call. Headers are unescaped, and
// everything that the client sent is among them: whoever shows them leaves out what is secret.
struct seen_frame {
    std::string_view session;
    std::string_view user;  // empty: nobody yet
    bool incoming = false;
    std::string_view command;
    std::span<stomp::header_view const> headers;
    std::size_t body_bytes = 0;
};

class frame_listener {
public:
    virtual ~frame_listener() = default;
    // On every shard, at the same time.
    virtual void on_frame(seen_frame const& what) = 0;
};

struct frame_trace {
    // Either of the two. A CONNECT counts as of the user that it names in `login`, whom nobody has
    // checked by then.
    std::string user;
    std::string destination;  // frames with exactly this in their header
    std::shared_ptr<frame_listener> to;
};

}  // namespace broker
