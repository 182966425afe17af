#include "node/database_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>

namespace node {

// The file stays: who removed it could not tell whether another node has just opened it.
database_lock::database_lock(std::filesystem::path const& database) {
    auto const real = std::filesystem::weakly_canonical(database).string();
    auto const beside = real + ".lock";
    descriptor_ = ::open(beside.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor_ < 0) {
        throw std::system_error(errno, std::generic_category(), beside);
    }
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
    int const why = errno;
    ::close(descriptor_);
    if (why != EWOULDBLOCK) throw std::system_error(why, std::generic_category(), beside);
    throw std::runtime_error(real + " is in use by another node, which holds " + beside +
                             "; a SQLite file is for one node");
}

database_lock::~database_lock() {
    ::close(descriptor_);
}

}  // namespace node
