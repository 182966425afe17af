#pragma once

#include "broker/message.hpp"
#include "broker/transport/link.hpp"
#include "broker/transport/payload.hpp"
#include "stomp/version.hpp"

#include <cstdint>
#include <string_view>

// One subscription as routing sees it. Owned by its session's peer, linked into the shard's tables
// by address; on the shard's thread only.

namespace broker::routing {

struct subscription;

// The session behind a subscription. Nothing here may end the session or change a table while it is
// called: what must happen is done in a later turn.
class subscriber {
public:
    // A message for a subscription whose client settles its deliveries.
    virtual void deliver_for_ack(subscription& to, message_ptr const& what) = 0;

    // The user that access rules and user destinations speak of: see user_key(). Empty: anonymous.
    virtual std::string_view user() const = 0;

    // The router has dropped `which`: its user may not read the destination any more.
    virtual void on_access_ended(subscription& which, std::string_view destination) = 0;

protected:
    ~subscriber() = default;
};

struct subscription {
    // What every delivery touches comes first.
    transport::link* out = nullptr;
    transport::payload_ref head;  // "MESSAGE\nsubscription:…\n", shared by all with the same id
    std::uint64_t position = 0;   // sequenced topics: the last seq that needs no delivery any more
    stomp::version version = stomp::version::v1_2;
    bool automatic = true;  // ack mode auto: nothing is remembered of a delivery
    bool gated = false;     // inboxes: messages go by inbox_feeds::deliver()

    subscriber* owner = nullptr;
    std::uint64_t serial =
        0;  // unique on the shard; never reused, unlike addresses and client's ids
    std::uint64_t opened_at =
        0;  // sequenced topics: the last seq when it was found that it may read

    // Where the owning table keeps it; for removal in constant time.
    void* place = nullptr;
    std::uint32_t slot = 0;
};

}  // namespace broker::routing
