#pragma once

#include "broker/ports/executor.hpp"
#include "broker/server.hpp"
#include "broker/shard.hpp"
#include "broker/transport/loop.hpp"
#include "broker/unique_function.hpp"

#include <atomic>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

// Asks every shard the same and brings the answers together.

namespace broker {

// Calls `ask(shard&)` on each shard's thread, then `done` with the answers, in the shards' order,
// on `home`. Neither when the node ends first.
template <typename Ask, typename Done>
void gather(server& of, executor& home, Ask ask, Done done) {
    using answer = std::invoke_result_t<Ask const&, shard&>;
    struct gathered {
        gathered(Ask a, Done d, std::size_t count)
            : ask(std::move(a)), done(std::move(d)), answers(count), left(count) {}
        Ask const ask;
        Done done;
        std::vector<answer> answers;  // each is written by its own shard
        std::atomic<std::size_t> left;
    };
    static_assert(!std::is_same_v<answer, bool>, "neighbours in vector<bool> share a byte");
    auto const all = std::make_shared<gathered>(std::move(ask), std::move(done), of.shard_count());
    for (std::size_t i = 0; i < of.shard_count(); ++i) {
        auto& where = of.shard_at(i);
        where.loop().post([all, i, &where, &home] {
            all->answers[i] = all->ask(where);
            if (all->left.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
            home.post([all] { all->done(std::move(all->answers)); });
        });
    }
}

}  // namespace broker
