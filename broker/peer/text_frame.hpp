#pragma once

#include <string>
#include <string_view>

// A frame for a transport that carries text only (SockJS frames are JSON). Pure.

namespace broker {

// The same frame with U+FFFD in the body for every octet that is not UTF-8, and the content-length
// that the body then has. `frame` is a whole frame as message::tail() and frame_writer make it: its
// lines end with LF.
std::string as_text_frame(std::string_view frame);

}  // namespace broker
