#include "bench/client_fleet.hpp"

#include <stdexcept>

namespace bench {
namespace {

constexpr std::size_t portion = 100;
constexpr std::size_t sessions_per_source = 20'000;  // of about 28,000 ports of one address pair
constexpr double patience_seconds = 60;

}  // namespace

void client_fleet::connect(stomp_session& session, login const& as, endpoint const& to) {
    session.on_connected = [this] { ++connected_; };
    session.on_error = [this](std::string_view what) {
        if (failure_.empty()) failure_ = what.substr(0, 300);
    };
    auto const source = "127.0.0." + std::to_string(1 + started_ / sessions_per_source);
    session.start(loop_, to, as, source);
    if (++started_ % portion == 0) wait_until_connected();
}

void client_fleet::wait_for(std::size_t const& count, std::size_t wanted, std::string_view what) {
    auto const start = bench_clock::now();
    while (count < wanted) {
        turn(100);
        if (seconds_since(start) > patience_seconds) {
            throw std::runtime_error("only " + std::to_string(count) + " of " +
                                     std::to_string(wanted) + " are " + std::string(what));
        }
    }
}

void client_fleet::turn(int timeout_ms) {
    loop_.turn(timeout_ms);
    if (!failure_.empty()) throw std::runtime_error("a client was refused or dropped: " + failure_);
}

}  // namespace bench
