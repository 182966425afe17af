#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

// The way into the cluster: what programs that somebody else wrote publish for its users.

namespace broker {

struct inbound_verdict {
    enum class kind : std::uint8_t {
        ok,     // taken; never to be offered again
        bad,    // will never be taken: it goes to the dead letters with the reason
        later,  // not now: it is offered again a few times, then it goes to the dead letters
    };

    static inbound_verdict ok() { return {}; }
    static inbound_verdict bad(std::string reason) { return {kind::bad, std::move(reason)}; }
    static inbound_verdict later(std::string reason) { return {kind::later, std::move(reason)}; }

    kind is = kind::ok;
    std::string reason;  // for the operator; holds no message's content
};

class inbound_handler {
public:
    virtual ~inbound_handler() = default;

    // `routing_key` is "to.all", "to.user" or "to.channel" and the event is for the whole cluster:
    // one node takes it and publishes on the bus what follows. With `local` it came to this node's
    // own key and is for the sessions of this node alone. On the link's thread, one at a time; it
    // may be offered twice. What it throws counts as `later`. It holds up the events of the other
    // nodes while it works, so it must be quick.
    virtual inbound_verdict accept(std::string_view routing_key, std::string_view body,
                                   bool local) = 0;
};

}  // namespace broker
