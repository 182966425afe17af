#include "persistence/lock_patience.hpp"

#include <doctest/doctest.h>

using namespace persistence;
using namespace std::chrono_literals;

TEST_CASE("a lock is given up before the statement that waits for it is ended") {
    CHECK(below(5s, lock_patience) == lock_patience);
    CHECK(below(1s, lock_patience) == 500ms);
    CHECK(below(999ms, lock_patience) == 499ms);
    constexpr auto shortest = 100ms;  // that storage.statement_timeout can be
    for (auto const patience : {lock_patience, lock_patience_behind_others, lock_patience_again})
        CHECK(below(shortest, patience) < shortest);
    CHECK(below(shortest, lock_patience_behind_others) == lock_patience_behind_others);
}
