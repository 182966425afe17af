#pragma once

#include "broker/frame_trace.hpp"
#include "broker/routing/delivery_watch.hpp"
#include "stomp/version.hpp"

#include <memory>
#include <string_view>
#include <vector>

// The traces of one shard. There is none while nobody traces: who drives frames asks for its
// pointer and does nothing else.

namespace broker {

class stomp_peer;

class frame_tracer final : public routing::delivery_watch {
public:
    void add(std::shared_ptr<frame_trace const> what) { traces_.push_back(std::move(what)); }
    // Whether any is left.
    bool remove(frame_trace const& what);

    void on_received(stomp_peer const& by, stomp::frame const& frame) const;
    // `head` and `tail` together are the frame.
    void on_sent(stomp_peer const& to, stomp::version version, std::string_view head,
                 std::string_view tail) const;
    // routing::delivery_watch
    void on_delivery(routing::subscription const& to, message const& what) override;

private:
    std::vector<std::shared_ptr<frame_trace const>> traces_;
};

}  // namespace broker
