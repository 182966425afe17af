#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// Which nodes there are, as Redis said last, and whether that is all of them. Decides which tokens
// count, and whether an answer from Redis can be trusted to name every node. Pure; one thread.

namespace broker::redis {

struct seen_node {
    std::string id;
    std::string epoch;
    bool alive = false;     // its lease holds
    std::string address{};  // internal; of those that are alive
    std::string confirmed;  // the generation in which it has written everything it has
};

struct sight {
    std::string generation;
    std::chrono::milliseconds age{0};  // of the generation
    std::vector<seen_node> nodes;      // without those whose loss is over for good
};

class cluster_view {
public:
    using time_point = std::chrono::steady_clock::time_point;

    cluster_view(std::string self, std::chrono::milliseconds settle,
                 std::chrono::milliseconds grace);

    // The sight must have been taken after every token that token_standing() was asked for so far.
    void update(sight seen, time_point now);

    // Nobody can be asked. What cut us off may have cut off others, who take their time to return.
    void cut_off() noexcept {
        complete_ = false;
        returning_ = true;
    }
    // Somebody can be asked again.
    void returned(time_point now) noexcept {
        if (returning_) trusted_from_ = now + settle_;
        returning_ = false;
    }

    // Every node that is at work has written everything it has into this generation of the data.
    bool complete() const noexcept { return complete_; }
    std::string const& generation() const noexcept { return generation_; }
    // Why it is not complete, for logs.
    std::string const& missing() const noexcept { return missing_; }

    enum class standing : std::uint8_t {
        other,    // another node, at work
        ourself,  // this node
        dead,     // does not count
        unknown,  // newer than what we know: only a look at the nodes can tell
    };
    standing token_standing(std::string_view token);

    // Those whose lease is gone but who may come back.
    std::vector<std::string> const& lost_tokens() const noexcept { return lost_; }
    std::size_t others() const noexcept { return others_.size(); }
    // Without this one.
    std::vector<seen_node> const& nodes() const noexcept { return nodes_; }

private:
    std::string const self_;
    std::chrono::milliseconds const settle_;
    std::chrono::milliseconds const grace_;

    std::string generation_;
    std::vector<seen_node> nodes_;
    // Nodes of earlier generations that have not come back, and until when they are waited for.
    std::map<std::string, time_point> awaited_;
    bool returning_ = false;
    time_point trusted_from_ = time_point::min();
    bool complete_ = false;
    std::string missing_ = "nobody has been asked yet";

    std::set<std::string, std::less<>> others_;    // tokens
    std::set<std::string, std::less<>> suspects_;  // unknown, told apart by the next update
    std::set<std::string, std::less<>> dead_;
    std::vector<std::string> lost_;
};

// "<id>.<epoch>" -> the id; empty when it is no token.
std::string_view id_of_token(std::string_view token);

}  // namespace broker::redis
