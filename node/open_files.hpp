#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

// How many connections the system allows this process.

namespace node {

// Raises the soft limit of open files to the hard one: shells and service managers give 1,024 by
// habit, and a node needs one for each client. Answers the limit that holds then.
std::size_t allow_all_open_files();

// What is kept back from clients: for operators (256 connections), who must get in when clients do
// not, and for the node itself with its databases and servers.
constexpr std::size_t files_for_clients(std::size_t open_files) {
    constexpr std::size_t own = 400;
    return open_files - std::min(own, open_files / 2);
}

// The most connections of clients: as many as configured (0: as many as there may be), and no more
// than the limit of open files leaves room for. The log tells who configured more.
std::size_t most_clients(std::uint32_t configured);

}  // namespace node
