#include "bench/scenario/publishers.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace bench {
namespace {

// Messages without their RECEIPT, or not yet everywhere.
std::size_t on_their_way(publisher const& of) noexcept {
    return std::max(of.on_way.open(), of.waiting.open());
}

bench_clock::duration to_duration(double seconds) {
    return std::chrono::duration_cast<bench_clock::duration>(
        std::chrono::duration<double>(seconds));
}

}  // namespace

std::size_t publishers::add(publisher added, std::uint32_t number) {
    if (all_.empty()) first_number_ = number;
    all_.push_back(std::move(added));
    return all_.size() - 1;
}

std::size_t publishers::place_of(stamp const& seen) const noexcept {
    if (seen.run != context_.run || seen.publisher < first_number_) return all_.size();
    return std::min<std::size_t>(seen.publisher - first_number_, all_.size());
}

void publishers::begin(bench_clock::time_point start, std::size_t all) {
    start_ = start;
    if (!all_.empty()) due_ = schedule(context_.what.all_steps(), first_number_, all_.size(), all);
}

bench_clock::time_point publishers::tick(bench_clock::time_point now) {
    if (all_.empty() || now < start_) return all_.empty() ? never : start_;
    return context_.what.open_loop() ? tick_schedule(now) : tick_windows(now);
}

bench_clock::time_point publishers::tick_schedule(bench_clock::time_point now) {
    for (std::size_t i = 0; due_.next(); due_.advance(), ++i) {
        auto const due = start_ + to_duration(*due_.next());
        if (due > now || i == most_at_once) return due;
        send(next_, due, now);
        next_ = (next_ + 1) % all_.size();
    }
    return never;
}

bench_clock::time_point publishers::tick_windows(bench_clock::time_point now) {
    for (std::size_t place = 0; place < all_.size(); ++place) {
        auto& each = all_[place];
        if (each.away || !each.client->connected()) continue;
        if (std::exchange(each.moved, false)) {
            each.last_move = now;
        } else if (now - each.last_move >= stall_limit) {
            give_up_window(each);
            each.last_move = now;
        }
        for (auto on_way = on_their_way(each); on_way < context_.what.window; ++on_way) {
            send(place, now, now);
        }
    }
    return now + stall_limit;
}

void publishers::give_up_window(publisher& of) {
    ++stalls_;
    of.on_way.give_up();
    given_up_receipts_ += of.waiting.open();
    of.waiting = {};
}

void publishers::send(std::size_t place, bench_clock::time_point due, bench_clock::time_point now) {
    send_since(place, due, due, now);
}

void publishers::send_since(std::size_t place, bench_clock::time_point due,
                            bench_clock::time_point possible, bench_clock::time_point now) {
    auto& from = all_[place];
    if (from.away) {
        from.due.push_back(due);
        return;
    }
    if (!from.client->connected()) {
        context_.record.error("not sent: the publisher's connection has ended", now);
        return;
    }
    std::uint64_t const number = ++from.sent;
    from.on_way.add(number);
    auto const body = from.body.with(
        {context_.run, first_number_ + static_cast<std::uint32_t>(place), number, due});
    if (context_.what.receipts) {
        from.waiting.add(number, due);
        char digits[20];
        auto const end = std::to_chars(std::begin(digits), std::end(digits), number).ptr;
        from.client->send(from.destination, body, {digits, static_cast<std::size_t>(end - digits)});
    } else {
        from.client->send(from.destination, body);
    }
    context_.record.sent(due, possible, now);
}

void publishers::release(std::size_t place, bench_clock::time_point now) {
    auto& back = all_[place];
    back.away = false;
    back.last_move = now;
    for (auto const due : std::exchange(back.due, {})) send_since(place, due, now, now);
}

std::uint64_t publishers::held() const noexcept {
    std::uint64_t out = 0;
    for (auto const& each : all_) out += each.due.size();
    return out;
}

void publishers::probe(std::size_t place) {
    auto& from = all_[place];
    if (from.away) return;
    from.client->send(
        from.destination,
        from.body.with({context_.run, first_number_ + static_cast<std::uint32_t>(place), 0,
                        bench_clock::now()}));
}

bool publishers::on_receipt(std::size_t place, std::string_view receipt) {
    std::uint64_t number = 0;
    if (std::from_chars(receipt.data(), receipt.data() + receipt.size(), number).ec !=
        std::errc{}) {
        return false;
    }
    auto const due = all_[place].waiting.on(number);
    if (!due) return false;
    auto const now = bench_clock::now();
    context_.record.receipt(now);
    context_.record.took(latency::receipt, *due, now);
    all_[place].moved = true;
    return true;
}

std::uint64_t publishers::missing_receipts() const noexcept {
    std::uint64_t out = given_up_receipts_;
    for (auto const& each : all_) out += each.waiting.open();
    return out;
}

bool publishers::settled() const noexcept {
    return std::ranges::all_of(
        all_, [&](publisher const& each) { return on_their_way(each) == 0 && each.due.empty(); });
}

}  // namespace bench
