#include "rabbitmq/link.hpp"

#include "rabbitmq/backoff.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace rabbitmq {

namespace {

using std::chrono::milliseconds;

}  // namespace

link::link(std::string name, options const& all, link_user& user, std::shared_ptr<wake_up> waker,
           std::function<void(bool)> on_up)
    : name_(std::move(name)),
      options_(all),
      user_(user),
      waker_(std::move(waker)),
      on_up_(std::move(on_up)) {
    for (auto const& url : all.urls) addresses_.push_back(parse_address(url, all.password));
    if (addresses_.empty()) throw std::invalid_argument("no address of a RabbitMQ");
    // Each node begins with another broker.
    next_address_ = std::random_device{}() % addresses_.size();
}

void link::start() {
    thread_ = std::thread([this] { run(); });
}

void link::stop() {
    if (!thread_.joinable()) return;
    stop_at_ = (clock::now() + options_.drain_timeout).time_since_epoch().count();
    stopping_ = true;
    waker_->wake();
    {
        // The user may be in the middle of a write that never ends: after the time for finishing
        // the socket is shut down under it.
        std::unique_lock lock(mutex_);
        auto const time = options_.drain_timeout + milliseconds(500);
        if (!ending_.wait_for(lock, time, [this] { return ended_; }) && current_ != nullptr) {
            current_->interrupt();
        }
    }
    thread_.join();
}

bool link::must_end() const {
    return stopping_ && clock::now().time_since_epoch().count() >= stop_at_;
}

void link::tell(std::string_view name, std::string detail) const {
    if (options_.on_event) options_.on_event({name, name_ + ", " + std::move(detail)});
}

void link::publish_connection(amqp_connection* current) {
    std::lock_guard const lock(mutex_);
    current_ = current;
}

void link::pause(milliseconds time) {
    auto const until = clock::now() + time;
    while (!stopping_) {
        auto const left = std::chrono::ceil<milliseconds>(until - clock::now());
        if (left <= milliseconds::zero()) return;
        waker_->wait(left);
        user_.while_down();
    }
}

std::unique_ptr<amqp_connection> link::connect() {
    auto const& address = addresses_[next_address_];
    next_address_ = (next_address_ + 1) % addresses_.size();
    try {
        auto connection = std::make_unique<amqp_connection>(
            address, connection_options{.name = "stampede " + options_.node_id + " " + name_,
                                        .ca_file = options_.ca_file,
                                        .connect_timeout = options_.connect_timeout,
                                        .heart_beat = options_.heart_beat});
        user_.prepare(*connection);
        tell("rabbitmq_connected", address.shown());
        return connection;
    } catch (link_failure const& failure) {
        tell("rabbitmq_unreachable", address.shown() + ", " + failure.what());
        return nullptr;
    }
}

void link::serve(amqp_connection& on) {
    // Heart-beats go out in time only if we look often enough.
    auto const longest =
        std::clamp<milliseconds>(options_.heart_beat / 4, milliseconds(100), milliseconds(1'000));
    while (!must_end() && !(stopping_ && user_.finished())) {
        auto const next = user_.work(on);
        auto const now = clock::now();
        std::chrono::microseconds time = longest;
        if (next.until < now + longest) {
            time = std::chrono::ceil<std::chrono::microseconds>(next.until - now);
        }
        if (stopping_) time = std::min<std::chrono::microseconds>(time, milliseconds(10));
        waker_->wait(time, on.socket(), next.writable);
    }
}

void link::run() {
    backoff pauses(options_.backoff_shortest, options_.backoff_longest);
    while (!stopping_) {
        auto const connection = connect();
        if (connection) {
            auto const since = clock::now();
            connects_.fetch_add(1, std::memory_order_relaxed);
            publish_connection(connection.get());
            on_up_(true);
            try {
                serve(*connection);
                connection->close();
            } catch (link_failure const& failure) {
                losses_.fetch_add(1, std::memory_order_relaxed);
                tell("rabbitmq_lost", failure.what());
            }
            publish_connection(nullptr);
            on_up_(false);
            // A link that does not hold is no better than one that does not come up.
            if (clock::now() - since > options_.backoff_longest) pauses.reset();
        }
        user_.while_down();
        pause(pauses.next());
    }
    user_.while_down();
    std::lock_guard const lock(mutex_);
    ended_ = true;
    ending_.notify_all();
}

}  // namespace rabbitmq
