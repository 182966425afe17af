#include "broker/routing/fan_out.hpp"

namespace broker::routing {

transport::payload_ref tail_payload(message_ptr const& what, stomp::version version) {
    auto* const made = new transport::payload(what->tail(version), what);
    made->droppable = what->ephemeral();
    return transport::payload_ref(made);
}

transport::payload_ref fan_out::make_tail(stomp::version version) {
    for (auto const& other : tails_) {
        if (other && other->bytes().data() == message_->tail(version).data()) return other;
    }
    return tail_payload(message_, version);
}

}  // namespace broker::routing
