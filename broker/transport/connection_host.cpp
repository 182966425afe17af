#include "broker/transport/connection_host.hpp"

#include "broker/transport/connection.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <utility>

namespace broker::transport {

connection_host::connection_host(loop& home, transport_shared& shared)
    : home_(home), counts_(home.metrics()), shared_(shared) {}

connection_host::~connection_host() = default;

void connection_host::add(std::unique_ptr<connection> fresh) {
    auto& added = *fresh;
    added.place_ = static_cast<std::uint32_t>(connections_.size());
    connections_.push_back(std::move(fresh));
    added.start();
}

void connection_host::remove(connection& gone, bool socket_lives_on) noexcept {
    if (!socket_lives_on) shared_.open.fetch_sub(1, std::memory_order_relaxed);
    auto const place = gone.place_;
    auto owned = std::move(connections_[place]);
    if (place + 1 < connections_.size()) {
        connections_[place] = std::move(connections_.back());
        connections_[place]->place_ = place;
    }
    connections_.pop_back();
    home_.retire(std::move(owned));
}

void connection_host::drain() {
    draining_ = true;
    // Ending one moves the last into its place: from the back nobody is missed.
    for (auto i = connections_.size(); i-- > 0;) {
        if (i < connections_.size()) connections_[i]->drain();
    }
}

void connection_host::close_all() {
    while (!connections_.empty()) {
        auto& last = *connections_.back();
        last.terminate();
    }
}

websocket_options const& connection_host::intern(websocket_options const& options) {
    auto const found = std::find(options_.begin(), options_.end(), options);
    return found != options_.end() ? *found : options_.emplace_back(options);
}

payload_ref connection_host::compressed(payload_ref const& head, payload_ref const& tail,
                                        std::uint8_t window_bits) {
    auto& last = last_compressed_;
    // The references held here keep the addresses from being used again.
    bool const same = last.head.get() == head.get() && last.tail.get() == tail.get() &&
                      last.window_bits == window_bits;
    if (!same) {
        auto bytes = deflater_.deflate(head ? head->bytes() : std::string_view{},
                                       tail ? tail->bytes() : std::string_view{}, window_bits);
        last.head = head;
        last.tail = tail;
        last.window_bits = window_bits;
        last.result = {};
        if (!bytes.empty()) {
            auto* const made = new payload(std::move(bytes));
            made->droppable = (head && head->droppable) || (tail && tail->droppable);
            last.result = payload_ref(made);
        }
    }
    return last.result;
}

std::string_view connection_host::http_date() {
    auto const now = std::time(nullptr);
    if (now != date_time_) {
        date_time_ = now;
        std::tm utc{};
        ::gmtime_r(&now, &utc);
        // Not by strftime: names must not depend on the locale.
        static constexpr char const* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
        static constexpr char const* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
        std::snprintf(date_, sizeof date_, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[utc.tm_wday],
                      utc.tm_mday % 100, months[utc.tm_mon], (utc.tm_year + 1900) % 10000,
                      utc.tm_hour % 100, utc.tm_min % 100, utc.tm_sec % 100);
    }
    return date_;
}

}  // namespace broker::transport
