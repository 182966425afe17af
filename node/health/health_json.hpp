#pragma once

#include "node/health/verdict.hpp"

#include <string>

// What the health pages say, as JSON (docs/openapi.yaml). Pure.

namespace node::health {

std::string to_json(verdict const& judged, facts const& known);

}  // namespace node::health
