#pragma once

// Who looks on while a shard delivers. There is none nearly always.

namespace broker {

class message;

namespace routing {

struct subscription;

class delivery_watch {
public:
    // `what` goes to `to` now; not called for subscriptions whose client settles its deliveries,
    // whose owners know.
    virtual void on_delivery(subscription const& to, message const& what) = 0;

protected:
    ~delivery_watch() = default;
};

}  // namespace routing
}  // namespace broker
