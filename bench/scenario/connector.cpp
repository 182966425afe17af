#include "bench/scenario/connector.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace bench {

stomp_client& connector::add(std::uint64_t number) {
    auto client = std::make_unique<stomp_client>(context_.loop, listener_, context_.server.client);
    client->index = static_cast<std::uint32_t>(clients_.size());
    clients_.push_back({std::move(client), number, {}, phase::closed});
    return *clients_.back().client;
}

void connector::connect(stomp_client& client, bench_clock::time_point due) {
    clients_[client.index].due = due;
    queue_.push_back(client.index);
}

void connector::connect_all(bench_clock::time_point now) {
    for (auto& each : clients_) connect(*each.client, now);
}

bench_clock::time_point connector::tick(bench_clock::time_point now) {
    double const rate = context_.what.connects_per_second / static_cast<double>(context_.parts);
    std::size_t const at_once = std::max<std::size_t>(1, context_.what.connecting / context_.parts);
    auto const& urls = context_.server.urls;
    auto const& sources = context_.what.sources;
    while (!queue_.empty()) {
        if (rate > 0 && now < next_slot_) return next_slot_;
        if (rate == 0 && under_way_ >= at_once) return never;
        auto& next = clients_[queue_.front()];
        queue_.pop_front();
        if (rate > 0) {
            // The schedule says when it was due, however late we are.
            next.due = std::max(next_slot_, next.due);
            next_slot_ = next.due + std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 / rate));
        } else {
            next.due = now;
        }
        next.is = phase::connecting;
        ++under_way_;
        next.client->connect(
            urls[next.number % urls.size()], context_.who.of_client(next.number),
            sources.empty() ? std::string() : sources[next.number % sources.size()]);
    }
    return never;
}

void connector::on_connected(stomp_client& client) {
    auto& entry = clients_[client.index];
    if (entry.is != phase::connecting) return;
    entry.is = phase::connected;
    --under_way_;
    ++connected_;
    auto const now = bench_clock::now();
    context_.record.took(latency::connect, entry.due, now);
    context_.record.connected(now);
    context_.record.session_opened();
}

void connector::leave(slot& of) {
    if (of.is == phase::connecting) --under_way_;
    if (of.is == phase::connected) {
        --connected_;
        context_.record.session_closed();
    }
    of.is = phase::closed;
}

void connector::on_closed(stomp_client& client, std::string_view reason) {
    auto& entry = clients_[client.index];
    ++closed_;
    last_failure_ = reason;
    leave(entry);
    context_.record.error(reason, bench_clock::now());
}

void connector::on_error(frame_view error) {
    last_error_ = fmt::format("ERROR: {}", error.header("message"));
    context_.record.error(last_error_, bench_clock::now());
}

void connector::close(stomp_client& client, bool politely) {
    leave(clients_[client.index]);
    client.close(politely);
}

}  // namespace bench
