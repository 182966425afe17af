#include "broker/registry/redis/lookups.hpp"

#include "broker/registry/redis/cluster_view.hpp"

#include <algorithm>
#include <utility>

namespace broker::redis {

namespace {

constexpr std::string_view generation_key = "stampede:generation";
constexpr std::string_view patterns_key = "stampede:patterns";

// Where they stand in each MGET, after the word itself.
constexpr std::size_t generation_at = 0;
constexpr std::size_t patterns_at = 1;

void add_missing(std::vector<std::string>& to, std::vector<std::string_view> const& nodes) {
    for (std::string_view const node : nodes) {
        if (std::ranges::find(to, node) == to.end()) to.emplace_back(node);
    }
}

}  // namespace

std::string key_of(interest const& what) {
    switch (what.kind) {
        case interest_kind::topic: return "stampede:topic:" + what.name;
        case interest_kind::user: return "stampede:user:" + what.name;
        case interest_kind::pattern: break;
    }
    return std::string(patterns_key);
}

void lookups::add(std::vector<interest> what, answer done) {
    waiting_.push_back({.what = std::move(what), .done = std::move(done)});
}

void lookups::send(connection& to, clock::time_point now, unique_function<void()> doubt) {
    next_send_ = now + gather_;
    std::vector<request> batch;
    routing::string_map<std::size_t> places;
    std::vector<std::string_view> words{"MGET", generation_key, patterns_key};
    while (!waiting_.empty() && words.size() < keys_at_a_time) {
        request& next = waiting_.front();
        for (interest const& what : next.what) {
            if (what.kind == interest_kind::pattern) {
                next.keys.push_back(patterns_at);
                continue;
            }
            auto const [place, is_new] = places.try_emplace(key_of(what), words.size() - 1);
            if (is_new) words.push_back(place->first);
            next.keys.push_back(place->second);
        }
        batch.push_back(std::move(next));
        waiting_.pop_front();
    }
    ++under_way_;
    keys_asked_ += words.size() - 1;
    lookups_done_ += batch.size();
    to.send(words, [this, batch = std::move(batch), asked = words.size() - 1,
                    doubt = std::move(doubt)](reply values) mutable {
        --under_way_;
        bool doubtful = false;
        answer_all(batch, asked, values, doubtful);
        if (doubtful) doubt();
    });
}

void lookups::answer_all(std::vector<request>& batch, std::size_t asked, reply const& values,
                         bool& doubtful) {
    // Of another length it is the answer to something else.
    bool const same = values.came() && values.size() == asked &&
                      values.at(generation_at).text() == view_.generation();
    doubtful = values.came() && !same;
    if (!same || !view_.complete()) {
        for (request& one : batch) one.done(std::nullopt);
        return;
    }
    std::vector<holders> all(values.size());
    for (request& one : batch) {
        interested_nodes found(one.what.size());
        bool unknown = false;
        for (std::size_t i = 0; i != one.what.size(); ++i) {
            holders const& exact = read(all, values, one.keys[i]);
            add_missing(found[i], exact.nodes);
            unknown = unknown || exact.unknown;
            if (one.what[i].kind != interest_kind::topic) continue;
            holders const& wide = read(all, values, patterns_at);
            add_missing(found[i], wide.nodes);
            unknown = unknown || wide.unknown;
        }
        doubtful = doubtful || unknown;
        one.done(unknown ? std::nullopt : std::optional(std::move(found)));
    }
}

lookups::holders const& lookups::read(std::vector<holders>& all, reply const& values,
                                      std::size_t key) {
    holders& out = all[key];
    if (out.read) return out;
    out.read = true;
    std::string_view rest = values.at(key).text();
    while (!rest.empty()) {
        auto const end = rest.find(' ');
        std::string_view const token = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        switch (view_.token_standing(token)) {
            case cluster_view::standing::other: out.nodes.push_back(id_of_token(token)); break;
            case cluster_view::standing::unknown: out.unknown = true; break;
            case cluster_view::standing::ourself:
            case cluster_view::standing::dead: break;
        }
    }
    return out;
}

void lookups::fail() {
    while (!waiting_.empty()) {
        answer done = std::move(waiting_.front().done);
        waiting_.pop_front();
        done(std::nullopt);
    }
}

}  // namespace broker::redis
