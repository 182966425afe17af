#include "bench/scenario/chat_day.hpp"

#include "bench/scenario/chat_bodies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace bench {
namespace {

constexpr std::uint64_t messages = 60;
constexpr std::uint64_t typing = 25;
constexpr std::uint64_t reading = 10;
constexpr std::size_t most_away = 10;  // one of so many

// Spreads the numbers from 0 to 99 over time; 37 and 100 have no common divisor. Each hundred is
// shifted, so that of a hundred people not each does always the same.
constexpr std::uint64_t mixed(std::uint64_t action) noexcept {
    return (action + action / 100) * 37 % 100;
}

}  // namespace

chat_day::chat_day(worker_context const& context, publishers& senders, movements how)
    : context_(context),
      senders_(senders),
      history_(context.server, context.who.http_authorization()),
      how_(std::move(how)) {}

void chat_day::begin(bench_clock::time_point start, std::size_t first, std::size_t all) {
    start_ = start;
    if (!people_.empty()) due_ = schedule(context_.what.all_steps(), first, people_.size(), all);
}

bench_clock::time_point chat_day::tick(bench_clock::time_point now) {
    take_history();
    for (std::size_t i = 0; due_.next(); due_.advance(), ++i) {
        auto const offset = std::chrono::duration<double>(*due_.next());
        auto const due = start_ + std::chrono::duration_cast<bench_clock::duration>(offset);
        if (due > now || i == most_at_once) return due;
        while (!people_[next_].here) next_ = (next_ + 1) % people_.size();
        if (mixed(turns_++) < context_.what.turnover) {
            come_or_go(next_, due);
        } else {
            act(next_, due, now);
        }
        next_ = (next_ + 1) % people_.size();
    }
    return never;
}

void chat_day::come_or_go(std::size_t place, bench_clock::time_point due) {
    std::size_t const most =
        people_.size() < 2 ? 0 : std::max<std::size_t>(1, people_.size() / most_away);
    bool const measured = context_.record.measuring(due);
    auto const& client = *senders_.at(place).client;
    if (missing_ < most) {
        if (!client.connected()) return;
        people_[place].here = false;
        ++missing_;
        away_.push_back(place);
        how_.leave(client);
        if (measured) ++left_;
    } else if (!away_.empty()) {
        auto const& longest = *senders_.at(away_.front()).client;
        away_.pop_front();
        if (!longest.connected()) return;
        how_.come_back(longest);
        if (measured) ++came_;
    }
}

void chat_day::finish(run_result& into) const {
    into.add_count("leaves", left_);
    into.add_count("joins", came_);
    into.add_count("history_missing", history_.open());
}

void chat_day::act(std::size_t place, bench_clock::time_point due, bench_clock::time_point now) {
    auto const kind = mixed(actions_++);
    if (kind < messages) {
        senders_.send(place, due, now);
        return;
    }
    auto const& who = people_[place];
    auto& client = *senders_.at(place).client;
    if (kind < messages + typing) {
        if (client.connected()) client.send(typing_destination, typing_body(who.room, who.user));
    } else if (kind < messages + typing + reading) {
        if (client.connected() && who.last_seen > 0) {
            client.send(read_destination, read_body(who.room, who.user, who.last_seen));
        }
    } else {
        history_.ask(who.room, due);
    }
}

void chat_day::take_history() {
    for (auto const& page : history_.take()) {
        if (page.problem.empty()) {
            context_.record.took(latency::history, page.due, page.came);
        } else {
            context_.record.error("history: " + page.problem, page.came);
        }
    }
}

}  // namespace bench
