#pragma once

#include "broker/ports/registry.hpp"
#include "broker/registry/redis/connection.hpp"
#include "broker/routing/string_map.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Questions for who has somebody for a message. Whatever is asked while an answer is under way, or
// soon after the last MGET, becomes one MGET, in which each key stands once. Each MGET brings the
// generation of the data along, so an answer from data that was emptied meanwhile is not believed.
// Used by one thread.

namespace broker::redis {

class cluster_view;

// Keys of Redis.
std::string key_of(interest const& what);

class lookups {
public:
    using answer = unique_function<void(std::optional<interested_nodes>)>;

    lookups(cluster_view& view, std::chrono::microseconds gather) : view_(view), gather_(gather) {}

    void add(std::vector<interest> what, answer done);
    // When what has gathered is to be sent; max() when that is for an answer to say.
    clock::time_point next_send() const noexcept {
        bool const ready = !waiting_.empty() && under_way_ < most_under_way;
        return ready ? next_send_ : clock::time_point::max();
    }
    // Sends what has gathered. `doubt` is called when the view is older than the data.
    void send(connection& to, clock::time_point now, unique_function<void()> doubt);
    // Nobody can be asked: answers nothing to those that wait.
    void fail();

    std::uint64_t lookups_done() const noexcept { return lookups_done_; }
    std::uint64_t keys_asked() const noexcept { return keys_asked_; }

private:
    struct request {
        std::vector<interest> what;
        answer done;
        std::vector<std::size_t> keys{};  // for each interest, where its key stands in the MGET
    };
    struct holders {
        std::vector<std::string_view> nodes;
        bool unknown = false;
        bool read = false;
    };

    // How many MGETs at a time: with more, less gathers in each; with one, a question that comes
    // right after another one waits for two round trips.
    static constexpr std::size_t most_under_way = 2;
    static constexpr std::size_t keys_at_a_time = 512;

    void answer_all(std::vector<request>& batch, std::size_t asked, reply const& values,
                    bool& doubtful);
    holders const& read(std::vector<holders>& all, reply const& values, std::size_t key);

    cluster_view& view_;
    std::chrono::microseconds const gather_;  // from one MGET to the next
    clock::time_point next_send_{};
    std::deque<request> waiting_;
    std::size_t under_way_ = 0;
    std::uint64_t lookups_done_ = 0;
    std::uint64_t keys_asked_ = 0;
};

}  // namespace broker::redis
