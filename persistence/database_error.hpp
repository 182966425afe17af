#pragma once

#include "chat/errors.hpp"

#include <boost/system/error_code.hpp>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

// What can go wrong with a database, told once for both of them. Exceptions of SOCI and codes of
// libpq and sqlite3 are translated here and go no further.

namespace soci {
class soci_error;
}

namespace persistence {

enum class failure : std::uint8_t {
    conflict,     // Lost against another transaction: the same again may succeed.
    locked,       // Somebody else has kept a row locked for longer than one waits for it at once.
    busy,         // Waited too long for the statement to end.
    lost,         // The connection is gone or points to the wrong server: reconnect.
    in_doubt,     // The same after a COMMIT was sent: it took place, or it did not.
    unavailable,  // The database cannot work: disk full, input/output error, out of connections.
    refused,      // The statement itself is at fault: the data or the program.
};

class database_error : public std::runtime_error {
public:
    database_error(failure kind, std::string const& text) : std::runtime_error(text), kind_(kind) {}

    failure kind() const noexcept { return kind_; }

private:
    failure kind_;
};

failure failure_of_sqlstate(std::string_view sqlstate) noexcept;
failure failure_of_sqlite(int result_code) noexcept;
database_error translate(soci::soci_error const& error);

// What the chat is told.
boost::system::error_code error_for_chat(failure kind) noexcept;

}  // namespace persistence
