#include "bench/scenario/direct_load.hpp"

#include "bench/scenario/chat_bodies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace bench {

direct_load::direct_load(worker_context const& context)
    : context_(context),
      clients_(context_, *this),
      first_id_(static_cast<std::uint32_t>(2 * context_.first_of(context_.what.pairs))) {
    auto const& what = context_.what;
    auto const& server = *context_.server.as;
    for (std::size_t i = 0; i < 2 * context_.share(what.pairs); ++i) {
        clients_.add(id_of(i) + 1);
        std::uint64_t const other = id_of(i ^ 1U) + 1;
        if (what.stored) {
            users_.push_back({.to = std::string(direct_destination),
                              .body = direct_body(context_.who.user_of(other), what.body_bytes)});
        } else {
            users_.push_back(
                {.to = what.user_queues ? std::string() : with_number(server.topic_send, other),
                 .body = stamped_text("", what.body_bytes, "")});
        }
    }
}

std::string direct_load::missing() const {
    std::string out =
        fmt::format("{} of {} users are not ready", clients_.size() - ready_, clients_.size());
    if (!clients_.last_failure().empty()) out += ": " + clients_.last_failure();
    return out;
}

void direct_load::on_welcome(stomp_client& client, frame_view connected) {
    auto const name = connected.header("user-name");
    if (!context_.what.user_queues || name.empty()) return;
    users_[client.index ^ 1U].to = with_text(context_.server.as->queue_send, name);
}

void direct_load::on_connected(stomp_client& client) {
    clients_.on_connected(client);
    auto const& what = context_.what;
    auto const& server = *context_.server.as;
    if (what.user_queues && users_[client.index ^ 1U].to.empty()) {
        client.close(false);
        return clients_.on_closed(client, "CONNECTED gives no user-name to send to");
    }
    auto const topic = what.stored        ? std::string("/user/queue/messages")
                       : what.user_queues ? std::string(server.queue)
                                          : with_number(server.topic, clients_.number_of(client));
    client.subscribe("sub-0", topic, server.receipts ? "subscribed" : "");
    if (!server.receipts) probe_later(client.index);
}

void direct_load::probe_later(std::size_t place) {
    context_.loop.at(bench_clock::now() + probe_pace, [this, place] {
        auto& client = clients_.at(place);
        if (users_[place].ready || !client.connected()) return;
        client.send(users_[place ^ 1U].to,
                    users_[place].body.with({context_.run, id_of(place), 0, bench_clock::now()}));
        probe_later(place);
    });
}

void direct_load::is_ready(std::size_t place) {
    if (!std::exchange(users_[place].ready, true)) ++ready_;
}

void direct_load::on_receipt(stomp_client& client, std::string_view) {
    is_ready(client.index);
}

void direct_load::begin(bench_clock::time_point start) {
    start_ = start;
    auto const whole = context_.what.warm_up + context_.what.measured();
    end_ = start + std::chrono::duration_cast<bench_clock::duration>(whole);
    if (!users_.empty()) {
        auto const pairs = context_.what.pairs;
        due_ =
            schedule(context_.what.all_steps(), context_.first_of(pairs), users_.size() / 2, pairs);
    }
}

bench_clock::time_point direct_load::tick(bench_clock::time_point now) {
    auto const next_connect = clients_.tick(now);
    if (users_.empty()) return next_connect;
    if (now < start_) return std::min(next_connect, start_);
    return std::min(next_connect,
                    context_.what.open_loop() ? tick_schedule(now) : tick_windows(now));
}

bench_clock::time_point direct_load::tick_schedule(bench_clock::time_point now) {
    for (std::size_t i = 0; due_.next(); due_.advance(), ++i) {
        auto const offset = std::chrono::duration<double>(*due_.next());
        auto const due = start_ + std::chrono::duration_cast<bench_clock::duration>(offset);
        if (due > now || i == most_at_once) return due;
        ask(next_, due, now);
        next_ = (next_ + 2) % users_.size();
    }
    return never;
}

bench_clock::time_point direct_load::tick_windows(bench_clock::time_point now) {
    if (now >= end_) return never;
    for (std::size_t place = 0; place < users_.size(); place += 2) {
        auto& from = users_[place];
        if (!clients_.at(place).connected()) continue;
        if (std::exchange(from.moved, false)) {
            from.last_move = now;
        } else if (now - from.last_move >= stall_limit) {
            ++stalls_;
            from.open = 0;
            from.last_move = now;
            from.given_up = now;
        }
        while (from.open < context_.what.window) ask(place, now, now);
    }
    return now + stall_limit;
}

bool direct_load::settled() const {
    return std::ranges::all_of(users_, [](person const& each) { return each.open == 0; });
}

void direct_load::send(std::size_t place, std::uint64_t number, bench_clock::time_point due) {
    auto& from = users_[place];
    clients_.at(place).send(from.to, from.body.with({context_.run, id_of(place), number, due}));
}

void direct_load::ask(std::size_t place, bench_clock::time_point due, bench_clock::time_point now) {
    auto& from = users_[place];
    if (!clients_.at(place).connected()) {
        context_.record.error("not sent: the connection has ended", now);
        return;
    }
    ++from.open;
    send(place, ++from.sent, due);
    context_.record.sent(due, now);
}

void direct_load::on_message(stomp_client& client, frame_view message) {
    auto const seen = find_stamp(message.body());
    std::size_t const place = client.index;
    if (!seen || seen->run != context_.run) return;
    if (seen->number == 0) {
        if (seen->publisher == id_of(place)) is_ready(place);
        return;
    }
    // One's own message comes back, too, where a server echoes it to all devices.
    if (seen->publisher != id_of(place ^ 1U)) return;
    auto& user = users_[place];
    auto const kind = user.seen.on(seen->number);
    user.counts.count(kind);
    if (kind == arrival::duplicate) return;
    auto const now = bench_clock::now();
    context_.record.delivered(now);
    if (place % 2 == 1) {
        context_.record.took(latency::delivery, seen->due, now);
        // The answer carries the question's time.
        send(place, ++user.sent, seen->due);
        return;
    }
    user.moved = true;
    // Late, to a question that was given up: its place in the window is taken.
    if (user.open > 0 && seen->due >= user.given_up) --user.open;
    context_.record.took(latency::round_trip, seen->due, now);
}

void direct_load::on_error(stomp_client&, frame_view error) {
    clients_.on_error(error);
}

void direct_load::on_closed(stomp_client& client, std::string_view reason) {
    clients_.on_closed(client, reason);
}

void direct_load::finish(run_result& into) {
    for (std::size_t place = 0; place < users_.size(); ++place) {
        auto& user = users_[place];
        std::uint64_t const last = users_[place ^ 1U].sent;
        user.counts.expected = last;
        user.counts.lost = user.seen.lost(last);
        into.arrivals.add(user.counts);
    }
    if (stalls_ > 0) {
        into.warnings.push_back(fmt::format(
            "{} times a user at full load waited 2 s in vain, and the questions without an answer "
            "were given up",
            stalls_));
    }
}

}  // namespace bench
