#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Where hosts are: each name is asked for once and kept, since a bench that connects ten thousand
// times is no test of a name server.

namespace bench {

struct socket_address {
    sockaddr_storage bytes{};
    socklen_t size = 0;

    int family() const noexcept { return bytes.ss_family; }
    sockaddr const* get() const noexcept { return reinterpret_cast<sockaddr const*>(&bytes); }
};

// An address in digits, IPv4 or IPv6; throws std::invalid_argument with it when it is none.
socket_address numeric_address(std::string_view text, std::uint16_t port);

class address_book {
public:
    struct entry {
        std::vector<socket_address> addresses;
        std::size_t good = 0;  // the one to try first: it worked last
        std::string error;     // why there are none
    };
    // Asks the system the first time, which may take its time. The entry stays where it is.
    entry& find(std::string const& host, std::uint16_t port);

private:
    std::map<std::pair<std::string, std::uint16_t>, entry> entries_;
};

}  // namespace bench
