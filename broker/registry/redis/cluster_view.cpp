#include "broker/registry/redis/cluster_view.hpp"

#include <algorithm>
#include <utility>

namespace broker::redis {

namespace {

// More dead tokens than this are forgotten and looked up anew.
constexpr std::size_t remembered_dead = 10'000;

}  // namespace

std::string_view id_of_token(std::string_view token) {
    auto const dot = token.rfind('.');
    return dot == std::string_view::npos ? std::string_view() : token.substr(0, dot);
}

cluster_view::cluster_view(std::string self, std::chrono::milliseconds settle,
                           std::chrono::milliseconds grace)
    : self_(std::move(self)), settle_(settle), grace_(grace) {}

void cluster_view::update(sight seen, time_point now) {
    if (seen.generation != generation_) {
        // The data started anew and knows only those who came since; we know who was there. Within
        // one generation whoever is gone from the list said goodbye or was waited for long enough.
        for (seen_node const& node : nodes_) awaited_.try_emplace(node.id, now + grace_);
    }
    generation_ = std::move(seen.generation);
    nodes_ = std::move(seen.nodes);
    std::erase_if(nodes_, [this](seen_node const& node) { return node.id == self_; });
    for (seen_node const& node : nodes_) awaited_.erase(node.id);
    std::erase_if(awaited_, [now](auto const& one) { return one.second <= now; });

    others_.clear();
    lost_.clear();
    missing_.clear();
    if (seen.age < settle_) missing_ = "others may not have found the new data yet";
    if (now < trusted_from_) missing_ = "others may have been cut off with us";
    for (auto const& [id, until] : awaited_) missing_ = "node " + id + " is not back yet";
    for (seen_node const& node : nodes_) {
        std::string token = node.id + "." + node.epoch;
        if (!node.alive) {
            missing_ = "node " + node.id + " is gone without a goodbye";
            lost_.push_back(std::move(token));
            continue;
        }
        if (node.confirmed != generation_) missing_ = "node " + node.id + " is still writing";
        others_.insert(std::move(token));
    }
    complete_ = missing_.empty();

    if (dead_.size() > remembered_dead) dead_.clear();
    for (std::string const& token : suspects_) {
        if (!others_.contains(token)) dead_.insert(token);
    }
    suspects_.clear();
}

cluster_view::standing cluster_view::token_standing(std::string_view token) {
    if (others_.contains(token)) return standing::other;
    std::string_view const id = id_of_token(token);
    if (id.empty()) return standing::dead;
    if (id == self_) return standing::ourself;
    if (dead_.contains(token)) return standing::dead;
    suspects_.emplace(token);
    return standing::unknown;
}

}  // namespace broker::redis
