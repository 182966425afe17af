#pragma once

#include <filesystem>

// One node for a SQLite file. SQLite itself lets two processes write it, and a node does not see
// what another one stores: messages would reach half of the people, with nothing in the log.

namespace node {

class database_lock {
public:
    // Holds PATH.lock beside the database, where the path leads to behind all symbolic links, until
    // the end of this object or of the process, kill -9 included. Throws std::runtime_error when
    // another process holds it.
    explicit database_lock(std::filesystem::path const& database);
    ~database_lock();
    database_lock(database_lock const&) = delete;
    database_lock& operator=(database_lock const&) = delete;

private:
    int descriptor_;
};

}  // namespace node
