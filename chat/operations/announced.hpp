#pragma once

#include "chat/ports/store.hpp"

#include <memory>
#include <utility>

// A transaction whose outcome others are told about.

namespace chat {

// As in_transaction; after the commit `announce(value)` is called on the database thread, at once:
// a stored message reaches the bus as close to its commit as it can, so that messages of its room
// that are committed after it seldom overtake it. Then `done(result<T>)` on `home`.
template <typename Work, typename Announce, typename Done>
void in_announced_transaction(store& where, broker::executor& home, Work work, Announce announce,
                              Done done) {
    using outcome = std::invoke_result_t<Work&, unit_of_work&>;
    auto answer = std::make_shared<outcome>(make_error_code(errc::store_unavailable));
    auto attempt = [answer, work = std::move(work)](unit_of_work& unit) mutable {
        *answer = work(unit);
        return answer->has_value();
    };
    auto finish = [answer, &home, announce = std::move(announce),
                   done = std::move(done)](boost::system::error_code failed) mutable {
        if (failed) *answer = failed;
        if (answer->has_value()) announce(**answer);
        home.post([answer, done = std::move(done)]() mutable { done(std::move(*answer)); });
    };
    where.run(access::read_write, std::move(attempt), std::move(finish));
}

}  // namespace chat
