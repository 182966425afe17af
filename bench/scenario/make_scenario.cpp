#include "bench/scenario/direct_load.hpp"
#include "bench/scenario/room_load.hpp"
#include "bench/scenario/session_load.hpp"

namespace bench {

std::unique_ptr<scenario> make_scenario(worker_context const& context) {
    switch (context.what.kind) {
        case scenario_kind::connect:
        case scenario_kind::idle:
        case scenario_kind::churn: return std::make_unique<session_load>(context);
        case scenario_kind::direct: return std::make_unique<direct_load>(context);
        case scenario_kind::fan_out:
        case scenario_kind::resume:
        case scenario_kind::slow:
        case scenario_kind::chat: break;
    }
    return std::make_unique<room_load>(context);
}

}  // namespace bench
