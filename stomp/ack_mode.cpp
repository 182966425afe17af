#include "stomp/ack_mode.hpp"

#include "stomp/errors.hpp"

namespace stomp {

boost::system::result<ack_mode> parse_ack_mode(std::optional<std::string_view> header) {
    if (!header) return ack_mode::automatic;
    for (auto mode : {ack_mode::automatic, ack_mode::client, ack_mode::client_individual}) {
        if (*header == to_string(mode)) return mode;
    }
    return errc::invalid_ack_mode;
}

}  // namespace stomp
