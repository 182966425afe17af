#pragma once

#include "broker/peer/stomp_peer.hpp"
#include "broker/shard.hpp"

#include <boost/intrusive/list.hpp>

// What the files of the shard share among themselves.

namespace broker {

struct shard::session_list {
    boost::intrusive::list<stomp_peer, boost::intrusive::constant_time_size<false>> peers;
};

}  // namespace broker
