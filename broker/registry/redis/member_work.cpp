#include "broker/registry/redis/member.hpp"

#include "broker/registry/redis/post_answer.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

// What others ask of a member, and what it writes for them.

namespace broker::redis {

namespace {

constexpr std::string_view session_prefix = "stampede:sockjs:";

// Keys in one script: Redis does nothing else meanwhile (256 take about 0.5 ms).
constexpr std::size_t keys_at_a_time = 256;
constexpr std::size_t scripts_at_a_time = 2;

std::string session_key(std::string_view session) {
    return std::string(session_prefix).append(session);
}

std::string room_user(std::string const& room, std::string const& user) {
    return room + " " + user;
}

session_owner owner_of(std::string_view token, std::string_view lease, std::string const& self) {
    std::string_view const id = id_of_token(token);
    auto const blank = lease.find(' ');
    return {.here = id == self,
            .node = std::string(id),
            .internal_address = std::string(
                blank == std::string_view::npos ? std::string_view() : lease.substr(blank + 1))};
}

}  // namespace

void member::send_work() {
    if (phase_ == phase::writing || phase_ == phase::joined) {
        while (interests_.has_work() && writes_under_way_ < scripts_at_a_time) write_interests();
        while (attendance_.has_work() && attends_under_way_ < scripts_at_a_time) write_attendance();
        if (phase_ == phase::writing && !confirming_ && interests_.rewritten() &&
            attendance_.rewritten()) {
            confirm();
        }
    }
    while (lookups_.next_send() <= now_) {
        lookups_.send(*connection_, now_, [this] { next_tick_ = now_; });
    }
}

void member::write_interests() {
    std::vector<holdings::operation> batch = interests_.take(keys_at_a_time);
    if (batch.empty()) return;
    std::vector<std::string_view> words{options_.node, lease_, token_};
    for (holdings::operation const& one : batch) {
        bool const is_session = one.key().starts_with(session_prefix);
        words.push_back(one.key());
        words.emplace_back(!one.hold ? "-" : is_session ? "s" : "+");
    }
    ++writes_under_way_;
    run(script::write, words, [this, life = life_, batch = std::move(batch)](reply const& answer) {
        if (!answer.came() || life != life_) return;
        --writes_under_way_;
        if (answer.number() == 0) return join();
        interests_.confirm(batch);
    });
}

void member::write_attendance() {
    std::vector<holdings::operation> batch = attendance_.take(keys_at_a_time);
    if (batch.empty()) return;
    std::vector<std::string_view> words{options_.node, lease_, token_};
    for (holdings::operation const& one : batch) {
        words.push_back(one.key());
        words.emplace_back(one.hold ? "+" : "-");
    }
    ++attends_under_way_;
    run(script::attend, words, [this, life = life_, batch = std::move(batch)](reply const& answer) {
        if (!answer.came() || life != life_) return;
        --attends_under_way_;
        if (answer.size() != batch.size()) return join();
        on_attended(batch, answer);
    });
}

void member::on_attended(std::vector<holdings::operation> const& done, reply const& answer) {
    for (std::size_t i = 0; i != done.size() && options_.on_presence; ++i) {
        bool const told_before = done[i].again && !announce_again_;
        // A user whom this node's earlier token has in the room already is no change, but if the
        // answer to that was lost nobody has been told.
        bool const news = answer.at(i).number() == 1 || done[i].unsure;
        if (!news || told_before) continue;
        std::string const& pair = done[i].key();
        auto const blank = pair.find(' ');
        options_.on_presence({.room = pair.substr(0, blank),
                              .user = pair.substr(blank + 1),
                              .present = done[i].hold});
    }
    attendance_.confirm(done);
}

void member::forget_written() {
    interests_.forget_written();
    // Who connects waits for nothing while this node is not joined.
    interests_.release_waiting("@");
    for (auto& [pair, unsure] : attendance_.forget_written()) {
        departures_.push_back({.token = token_, .pair = std::move(pair), .unsure = unsure});
    }
}

void member::tell_gone() {
    std::size_t const count = std::min(departures_.size(), keys_at_a_time);
    if (count == 0) return;
    std::vector<departure> some(std::move_iterator(departures_.end() - std::ptrdiff_t(count)),
                                std::move_iterator(departures_.end()));
    departures_.resize(departures_.size() - count);
    std::vector<std::string_view> words;
    for (departure const& one : some) {
        words.insert(words.end(), {one.token, one.pair, one.unsure ? "?" : ""});
    }
    run(script::gone, words, [this, some = std::move(some)](reply const& answer) {
        if (!answer.came()) {
            departures_.insert(departures_.end(), some.begin(), some.end());
            return;
        }
        for (std::size_t i = 0; i != some.size() && options_.on_presence; ++i) {
            if (answer.at(i).number() == 0) continue;
            auto const blank = some[i].pair.find(' ');
            options_.on_presence({.room = some[i].pair.substr(0, blank),
                                  .user = some[i].pair.substr(blank + 1),
                                  .present = false});
        }
        tell_gone();
    });
}

void member::enter(interest const& what, executor& home, unique_function<void()> done) {
    if (phase_ == phase::away && !trying_) {
        interests_.enter(key_of(what), {});
        home.post(std::move(done));
        return;
    }
    interests_.enter(key_of(what),
                     [&home, done = std::move(done)]() mutable { home.post(std::move(done)); });
}

void member::leave(interest const& what) {
    interests_.leave(key_of(what));
}

void member::find(std::vector<interest> what, lookups::answer done) {
    lookups_.add(std::move(what), std::move(done));
    if (goodbye_ && connection_ == nullptr) lookups_.fail();
}

void member::keep_session(std::string const& key, bool written) {
    auto const claim = claims_.find(key);
    bool const released = claim != claims_.end() && claim->second;
    if (claim != claims_.end()) claims_.erase(claim);
    if (released && !written) return;
    interests_.hold(key, written);
    if (released) interests_.let_go(key);
}

void member::claim(std::string const& session, executor& home, owner_answer done) {
    std::string key = session_key(session);
    if (connection_ == nullptr) {
        keep_session(key, false);
        return post_answer(home, std::move(done), std::optional<session_owner>());
    }
    claims_.insert_or_assign(key, false);
    std::string_view const words[] = {key, options_.node, lease_, token_};
    run(script::claim, words,
        [this, life = life_, key, &home, done = std::move(done)](reply const& answer) mutable {
            std::string_view const token = answer.at(0).text();
            std::optional<session_owner> owner;
            if (token.empty()) {
                // Nobody can say, or our lease is gone: then it is ours, and written when we are
                // back.
                keep_session(key, false);
                if (answer.came() && life == life_) next_tick_ = now_;
            } else {
                owner = owner_of(token, answer.at(1).text(), options_.node);
                if (owner->here) {
                    keep_session(key, token == token_);
                } else {
                    claims_.erase(key);
                }
            }
            post_answer(home, std::move(done), std::move(owner));
        });
}

void member::find_owner(std::string const& session, executor& home, owner_answer done) {
    if (connection_ == nullptr) {
        return post_answer(home, std::move(done), std::optional<session_owner>());
    }
    std::string const key = session_key(session);
    std::string_view const words[] = {key};
    run(script::owner, words, [this, &home, done = std::move(done)](reply const& answer) mutable {
        std::string_view const token = answer.at(0).text();
        std::optional<session_owner> owner;
        if (!token.empty()) owner = owner_of(token, answer.at(1).text(), options_.node);
        post_answer(home, std::move(done), std::move(owner));
    });
}

void member::release(std::string const& session) {
    std::string const key = session_key(session);
    if (auto const claim = claims_.find(key); claim != claims_.end()) claim->second = true;
    interests_.let_go(key);
}

std::vector<cluster_node> member::other_nodes() const {
    std::vector<cluster_node> out;
    for (auto const& each : view_.nodes()) {
        if (each.alive) out.push_back({each.id, each.address});
    }
    return out;
}

void member::enter_room_user(std::string const& room, std::string const& user) {
    attendance_.enter(room_user(room, user), {});
}

void member::leave_room_user(std::string const& room, std::string const& user) {
    attendance_.leave(room_user(room, user));
}

void member::find_room_users(std::string const& room, std::size_t most, executor& home,
                             unique_function<void(std::optional<room_presence>)> done) {
    if (connection_ == nullptr) {
        return post_answer(home, std::move(done), std::optional<room_presence>());
    }
    std::string const key = "channel:" + room + ":users";
    auto const found = std::make_shared<room_presence>();
    std::string_view const count[] = {"SCARD", key};
    connection_->send(count, [found](reply const& answer) { found->count = answer.count(); });
    std::string const number = std::to_string(most);
    std::string_view const some[] = {"SRANDMEMBER", key, number};
    connection_->send(
        some, [found, most, &home, done = std::move(done)](reply const& answer) mutable {
            if (!answer.came()) {
                return post_answer(home, std::move(done), std::optional<room_presence>());
            }
            for (std::size_t i = 0; i != std::min(answer.size(), most); ++i) {
                found->users.emplace_back(answer.at(i).text());
            }
            post_answer(home, std::move(done), std::optional(std::move(*found)));
        });
}

void member::send_canary(std::uint64_t number, unique_function<void(std::string_view)> done) {
    if (connection_ == nullptr) return done("not connected");
    if (phase_ == phase::joining) return done("this node has not joined the others yet");
    std::string const value = std::to_string(number);
    std::string const stays = std::to_string(options_.grace.count());
    std::string_view const words[] = {options_.node, value, stays};
    // The write that fails loses the connection, and the read with it.
    run(script::canary, words, [](reply const&) {});
    std::string const key = "stampede:canary:" + options_.node;
    std::string_view const read[] = {"MGET", key};
    connection_->send(read, [value, done = std::move(done)](reply const& answer) mutable {
        if (!answer.came()) return done("the connection was lost");
        done(answer.at(0).text() == value ? "" : "what was written could not be read back");
    });
}

}  // namespace broker::redis
