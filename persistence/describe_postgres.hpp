#pragma once

#include <string>

namespace persistence {

// "PostgreSQL at db.example:5432, database chat, user stampede". Throws storage_error when the
// connection string cannot be read.
std::string describe_postgres(std::string const& location);

}  // namespace persistence
