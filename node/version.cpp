#include "node/version.hpp"

namespace node {

std::string version() {
    return STAMPEDE_VERSION;
}

}  // namespace node
