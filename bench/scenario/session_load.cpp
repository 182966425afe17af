#include "bench/scenario/session_load.hpp"

#include <fmt/format.h>

namespace bench {
namespace {

constexpr std::string_view subscription = "sub-0";
// Sessions that are held listen to so many topics that nobody sends to.
constexpr std::uint64_t silent_topics = 100;
constexpr std::chrono::milliseconds pause_after_failure{100};

}  // namespace

session_load::session_load(worker_context const& context)
    : context_(context), clients_(context_, *this) {
    auto const& what = context_.what;
    // In a churn there are as many at a time as may be connecting; each comes back as it is done.
    std::size_t const total = churns() ? what.connecting : what.sessions;
    std::size_t const first = context_.first_of(total);
    for (std::size_t i = 0; i < context_.share(total); ++i) clients_.add(first + i + 1);
    sessions_.resize(clients_.size());
}

void session_load::open() {
    if (context_.what.kind == scenario_kind::idle) clients_.connect_all(bench_clock::now());
}

bool session_load::ready() const {
    return context_.what.kind != scenario_kind::idle || held_ == clients_.size();
}

std::string session_load::missing() const {
    std::string out = fmt::format("{} of {} sessions are not subscribed ({} connected)",
                                  clients_.size() - held_, clients_.size(), clients_.connected());
    if (!clients_.last_failure().empty()) out += ": " + clients_.last_failure();
    return out;
}

void session_load::begin(bench_clock::time_point start) {
    auto const whole = context_.what.warm_up + context_.what.measured();
    ends_ = start + std::chrono::duration_cast<bench_clock::duration>(whole);
    if (context_.what.kind == scenario_kind::idle) return;
    start_ = start;
    clients_.connect_all(start);
}

bench_clock::time_point session_load::tick(bench_clock::time_point now) {
    if (now < start_) return start_;
    return clients_.tick(now);
}

bool session_load::done() const {
    return context_.what.kind == scenario_kind::connect && held_ + failed_ == clients_.size();
}

bool session_load::settled() const {
    return !churns() || in_cycle() == 0;
}

void session_load::on_connected(stomp_client& client) {
    clients_.on_connected(client);
    auto& session = sessions_[client.index];
    session.is = step::subscription;
    session.asked = bench_clock::now();
    bool const receipts = context_.server.as->receipts;
    auto const topic =
        with_number(context_.server.as->topic, clients_.number_of(client) % silent_topics);
    client.subscribe(subscription, topic, receipts ? "subscribed" : "");
    if (!receipts) is_subscribed(client, session);
}

void session_load::is_subscribed(stomp_client& client, progress& of) {
    // Without its RECEIPT nobody knows when it took effect.
    if (context_.server.as->receipts) {
        context_.record.took(latency::subscribe, of.asked, bench_clock::now());
    }
    if (!churns()) {
        of.is = step::held;
        ++held_;
        return;
    }
    of.is = step::unsubscription;
    client.unsubscribe(subscription, context_.server.as->receipts ? "unsubscribed" : "");
    if (context_.server.as->receipts) return;
    of.is = step::farewell;
    client.disconnect("bye");
}

void session_load::on_receipt(stomp_client& client, std::string_view) {
    auto& session = sessions_[client.index];
    switch (session.is) {
        case step::subscription: is_subscribed(client, session); return;
        case step::unsubscription:
            session.is = step::farewell;
            client.disconnect("bye");
            return;
        case step::farewell: end_cycle(client); return;
        default: return;
    }
}

void session_load::again(stomp_client& client) {
    sessions_[client.index] = {};
    // It is due when the schedule has its turn, though nobody was free then.
    if (bench_clock::now() < ends_) clients_.connect(client, bench_clock::time_point::min());
}

void session_load::on_error(stomp_client&, frame_view error) {
    clients_.on_error(error);
}

void session_load::on_closed(stomp_client& client, std::string_view reason) {
    auto& session = sessions_[client.index];
    if (session.is == step::farewell) {
        // Who closes has understood the DISCONNECT; RabbitMQ does so without its RECEIPT.
        end_cycle(client);
        return;
    }
    if (session.is == step::held) --held_;
    ++failed_;
    clients_.on_closed(client, reason);
    session = {};
    if (!churns()) return;
    // A server that refuses everybody is not asked as fast as it can refuse.
    context_.loop.at(bench_clock::now() + pause_after_failure,
                     [this, place = client.index] { again(clients_.at(place)); });
}

void session_load::end_cycle(stomp_client& client) {
    if (context_.record.measuring(bench_clock::now())) ++cycles_;
    clients_.close(client, true);
    again(client);
}

void session_load::finish(run_result& into) {
    if (churns()) into.add_count("cycles", cycles_);
    if (context_.what.kind == scenario_kind::connect && held_ + failed_ < clients_.size()) {
        into.warnings.push_back(
            fmt::format("{} of {} sessions were not there yet when the time was over: give the "
                        "storm a longer --duration",
                        clients_.size() - held_ - failed_, clients_.size()));
    }
    std::size_t const missing = churns() ? in_cycle() : clients_.size() - held_ - failed_;
    into.add_count("sessions_missing", missing);
    if (churns() && missing > 0) {
        into.warnings.push_back(
            fmt::format("{} of {} clients were still in the middle of a cycle at the end", missing,
                        clients_.size()));
    }
    into.add_count("sessions_held", held_);
    into.add_count("sessions_failed", failed_);
}

}  // namespace bench
