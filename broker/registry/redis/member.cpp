#include "broker/registry/redis/member.hpp"

#include <poll.h>
#include <algorithm>
#include <charconv>
#include <random>
#include <utility>

namespace broker::redis {

namespace {

std::string random_hex() {
    std::random_device random;
    std::uint64_t const value = (std::uint64_t{random()} << 32U) | random();
    std::string text(16, '0');
    char digits[16];
    auto const end = std::to_chars(digits, digits + sizeof digits, value, 16).ptr;
    std::copy_backward(digits, end, text.data() + text.size());
    return text;
}

std::string milliseconds(std::chrono::milliseconds time) {
    return std::to_string(time.count());
}

}  // namespace

member::member(options const& given, std::function<void()> reconnect)
    : options_(given),
      reconnect_(std::move(reconnect)),
      view_(given.node, given.settle, given.grace),
      lookups_(view_, given.gather),
      sessions_(given.node) {}

void member::run(script which, std::span<std::string_view const> arguments,
                 reply_handler on_reply) {
    std::vector<std::string_view> words{"EVALSHA", scripts_.at(static_cast<std::size_t>(which)),
                                        "0"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    connection_->send(words, std::move(on_reply));
}

std::uint64_t member::commands() const noexcept {
    return earlier_commands_ + (connection_ != nullptr ? connection_->commands() : 0);
}

void member::tell(std::string_view name, std::string detail) {
    if (options_.on_event) options_.on_event({name, std::move(detail)});
}

void member::set_up(bool up) {
    if (up == up_) return;
    up_ = up;
    if (options_.on_state) options_.on_state({.up = up, .lease_lost = up && lease_lost_});
    if (up) lease_lost_ = false;
}

// ---- the connection ----

void member::connected(established link, clock::time_point now) {
    now_ = now;
    connection_ =
        std::make_unique<connection>(std::move(link.line), options_.command_timeout, latency_);
    scripts_ = std::move(link.scripts);
    run_id_ = std::move(link.run_id);
    place_ = std::move(link.place);
    tell("redis_connected", place_);
    view_.returned(now);
    join();
}

void member::unreachable(std::string const& why) {
    if (trying_) tell("redis_unreachable", why);
    trying_ = false;
    interests_.release_waiting();
}

void member::master_moved(std::string const& place) {
    if (connection_ == nullptr || place == place_) return;
    tell("redis_moved", "from " + place_ + " to " + place);
    lose("the master is another one");
}

void member::lose(std::string const& why) {
    std::unique_ptr<connection> const broken = std::move(connection_);
    earlier_commands_ += broken->commands();
    phase_ = phase::away;
    ++life_;
    // One answer that was late is no outage: the others still find us by what we had written, and
    // rely on it. Whoever enters waits until we are back, or could not come back.
    trying_ = true;
    tick_under_way_ = false;
    confirming_ = false;
    writes_under_way_ = attends_under_way_ = 0;
    sweeping_.clear();
    view_.cut_off();
    tell("redis_lost", place_ + ": " + why);
    set_up(false);
    broken->fail();
    lookups_.fail();
    forget_written();
    if (!goodbye_) reconnect_();
}

void member::turn(bool readable, clock::time_point now) {
    now_ = now;
    if (connection_ == nullptr) {
        lookups_.fail();
        return;
    }
    if (readable && !connection_->read()) return lose(connection_->error());
    if (now >= next_tick_) tick();
    send_work();
    if (!connection_->write()) lose(connection_->error());
}

clock::time_point member::next_turn() const {
    if (connection_ == nullptr) return clock::time_point::max();
    clock::time_point next = connection_->deadline();
    if (!tick_under_way_ && phase_ != phase::joining) next = std::min(next, next_tick_);
    next = std::min(next, lookups_.next_send());
    return next;
}

void member::say_goodbye(clock::time_point until) {
    goodbye_ = true;
    if (connection_ == nullptr || phase_ == phase::joining) return;
    std::string_view const words[] = {options_.node, lease_, token_};
    run(script::goodbye, words, [this](reply const& answer) {
        if (answer.came()) sweep(token_, "all");
    });
    while (connection_ != nullptr && clock::now() < until) {
        if (!connection_->write()) return lose(connection_->error());
        if (connection_->deadline() == clock::time_point::max()) return;
        pollfd socket{.fd = connection_->socket(), .events = POLLIN, .revents = 0};
        if (connection_->wants_to_write()) socket.events |= POLLOUT;
        poll(&socket, 1, 50);
        if ((socket.revents & ~POLLOUT) != 0 && !connection_->read()) {
            return lose(connection_->error());
        }
    }
}

void member::end() {
    goodbye_ = true;
    if (connection_ != nullptr) lose("this node ends");
    trying_ = false;
    interests_.release_waiting();
    lookups_.fail();
}

// ---- being there ----

void member::join() {
    set_up(false);
    ++life_;
    forget_written();
    if (!token_.empty()) old_tokens_.push_back(token_);
    std::string const token_before = std::move(token_);
    epoch_ = random_hex();
    token_ = options_.node + "." + epoch_;
    lease_ = epoch_ + " " + options_.internal_address;
    phase_ = phase::joining;
    confirming_ = false;
    writes_under_way_ = attends_under_way_ = 0;

    std::string const lease_time = milliseconds(options_.lease);
    std::string const random = random_hex();
    std::string_view const words[] = {options_.node, epoch_,      options_.internal_address,
                                      lease_time,    run_id_,     random,
                                      joined_lease_, token_before};
    run(script::join, words, [this, life = life_](reply const& answer) {
        if (answer.came() && life == life_) on_joined(answer);
    });
}

void member::on_joined(reply const& answer) {
    generation_ = answer.at(0).text();
    if (!joined_lease_.empty() && answer.at(1).number() == 0) {
        lease_lost_ = true;
        std::string_view const other = answer.at(2).text();
        tell(other.empty() ? "redis_lease_lost" : "redis_node_taken",
             other.empty() ? "this node counted as dead"
                           : "another one has the id " + options_.node);
    }
    announce_again_ = answer.at(3).number() == 1;
    joined_lease_ = lease_;
    phase_ = phase::writing;
    next_tick_ = now_;
}

void member::confirm() {
    confirming_ = true;
    std::vector<std::string_view> words{options_.node, lease_, generation_, epoch_};
    words.insert(words.end(), old_tokens_.begin(), old_tokens_.end());
    run(script::confirm, words, [this, life = life_](reply const& answer) {
        if (!answer.came() || life != life_) return;
        confirming_ = false;
        if (answer.number() == 0) return join();
        old_tokens_.clear();
        phase_ = phase::joined;
        next_tick_ = now_;
        tell("redis_joined", place_ + ": " + std::to_string(interests_.size()) + " entries");
        set_up(true);
    });
}

void member::set_off_bus(bool off) {
    if (std::exchange(off_bus_, off) != off) next_tick_ = now_;
}

void member::tick() {
    if (tick_under_way_ || phase_ == phase::joining) return;
    tick_under_way_ = true;
    next_tick_ = now_ + options_.renewal;
    std::string const lease_time = milliseconds(options_.lease);
    std::string const grace = milliseconds(options_.grace);
    std::string const random = random_hex();
    std::string_view const off_bus = off_bus_ ? "1" : "0";
    std::string_view const words[] = {options_.node, lease_, lease_time, grace,
                                      run_id_,       random, off_bus};
    run(script::tick, words, [this, life = life_](reply const& answer) {
        if (!answer.came()) return;
        tick_under_way_ = false;
        if (life == life_) on_tick(answer);
    });
}

void member::on_tick(reply const& answer) {
    sight seen;
    seen.generation = answer.at(0).text();
    seen.age = std::chrono::milliseconds(answer.at(1).number());
    for (std::size_t i = 5; i + 3 < answer.size(); i += 4) {
        std::string_view const lease = answer.at(i + 1).text();
        auto const blank = lease.find(' ');
        seen.nodes.push_back(
            {.id = std::string(answer.at(i).text()),
             .epoch = std::string(answer.at(i + 2).text()),
             .alive = !lease.empty(),
             .address = std::string(blank == std::string_view::npos ? std::string_view()
                                                                    : lease.substr(blank + 1)),
             .confirmed = std::string(answer.at(i + 3).text())});
    }
    bool const ours = answer.at(2).number() == 1 && seen.generation == generation_;
    view_.update(std::move(seen), now_);

    bool const others_off_bus = answer.at(4).number() > 0;
    if (std::exchange(others_off_bus_, others_off_bus) != others_off_bus &&
        options_.on_others_off_bus) {
        options_.on_others_off_bus(others_off_bus);
    }
    if (std::string_view const due = answer.at(3).text(); !due.empty()) {
        sweep(std::string(due), "all");
    }
    std::set<std::string> const lost(view_.lost_tokens().begin(), view_.lost_tokens().end());
    std::erase_if(attendance_swept_, [&](std::string const& one) { return !lost.contains(one); });
    for (std::string const& token : lost) {
        if (attendance_swept_.insert(token).second) sweep(token, "present");
    }
    if (!ours) return join();
    // Before that, users may be in a room on a node that has not said so yet.
    if (phase_ == phase::joined && view_.complete()) tell_gone();
}

void member::sweep(std::string const& token, std::string_view what) {
    if (!sweeping_.insert(token).second) return;
    std::string_view const words[] = {token, "256", what};
    run(script::sweep, words, [this, token, what](reply const& answer) {
        if (!answer.came()) return;
        sweeping_.erase(token);
        for (std::size_t i = 1; i + 1 < answer.size(); i += 2) {
            if (!options_.on_presence) break;
            options_.on_presence({.room = std::string(answer.at(i).text()),
                                  .user = std::string(answer.at(i + 1).text()),
                                  .present = false});
        }
        if (answer.at(0).number() > 0) sweep(token, what);
    });
}

}  // namespace broker::redis
