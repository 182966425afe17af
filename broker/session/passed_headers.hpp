#pragma once

#include <string_view>

#include "stomp/frame.hpp"

// Which headers of a client's SEND its subscribers see.

namespace broker {

// False for those that speak to the node only (receipt, transaction, ...), for those that the node
// writes itself and nobody may forge (message-id, subscription, ack, seq, redelivered, ...), and
// for credentials. Compared without surrounding blanks: clients trim header names.
bool passes_to_subscribers(std::string_view header_name) noexcept;

// The same for the headers of this frame: without those of a trace that is not valid.
using header_filter = bool (*)(std::string_view header_name) noexcept;
header_filter filter_for(stomp::frame const& frame) noexcept;

}  // namespace broker
