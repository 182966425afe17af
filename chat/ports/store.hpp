#pragma once

#include "broker/ports/executor.hpp"
#include "broker/unique_function.hpp"
#include "chat/ports/unit_of_work.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

// Where the chat's data are: transactions on database threads.

namespace chat {

enum class access : std::uint8_t {
    read_write,
    read_only,
    // Like read_only, and if possible from a replica of the database. Sees whatever was committed
    // before the call, by anybody. May take some milliseconds longer: not for what others wait for.
    replica_read,
};

class store {
public:
    virtual ~store() = default;

    // Runs `work` in one transaction on a database thread and commits, then calls `done` on that
    // thread: with no error after the commit, with store_busy or store_unavailable when nothing was
    // committed, with store_in_doubt when nobody can know, because the connection was lost after
    // the commit was asked for (read_write only). `work` answers false to roll back (done is then
    // called without an error). It may
    // run again after a conflict, so it must only touch the unit of work and what it owns. Any
    // thread; waits for nobody. Jobs are bounded in number: over the bound `done` gets store_busy,
    // at once and on the caller's thread. A store that is busy or away is waited for no longer than
    // `patience`, or the store's own where that is shorter; an attempt that was begun is finished.
    virtual void run(access mode, std::function<bool(unit_of_work&)> work,
                     broker::unique_function<void(boost::system::error_code)> done,
                     std::chrono::milliseconds patience) = 0;
    void run(access mode, std::function<bool(unit_of_work&)> work,
             broker::unique_function<void(boost::system::error_code)> done) {
        run(mode, std::move(work), std::move(done), std::chrono::milliseconds::max());
    }
};

// Runs `work` (unit_of_work& -> result<T>) in a transaction, which is rolled back when it answers
// an error, and calls `done(result<T>)` on `home`.
template <typename Work, typename Done>
void in_transaction(store& where, access mode, broker::executor& home, Work work, Done done) {
    using outcome = std::invoke_result_t<Work&, unit_of_work&>;
    auto answer = std::make_shared<outcome>(boost::system::in_place_error,
                                            make_error_code(errc::store_unavailable));
    auto attempt = [answer, work = std::move(work)](unit_of_work& unit) mutable {
        *answer = work(unit);
        return answer->has_value();
    };
    auto finish = [answer, &home,
                   done = std::move(done)](boost::system::error_code failed) mutable {
        if (failed) *answer = outcome(boost::system::in_place_error, failed);
        home.post([answer, done = std::move(done)]() mutable { done(std::move(*answer)); });
    };
    where.run(mode, std::move(attempt), std::move(finish));
}

}  // namespace chat
