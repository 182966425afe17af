#include "broker/auth/jwt/jwks_source.hpp"

#include "broker/auth/jwt/http_fetch.hpp"
#include "broker/auth/jwt/jwks_location.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>
#include <variant>

namespace broker::auth {
namespace {

// More than one loop turn's worth of reconnecting clients; beyond that they are told to come again.
constexpr std::size_t max_waiting = 10'000;
constexpr std::chrono::milliseconds first_retry{1'000};

std::variant<std::string, fetch_failure> read_file(std::string const& path, std::size_t max_bytes) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return fetch_failure{"the file cannot be read"};
    std::string content(max_bytes + 1, '\0');
    file.read(content.data(), static_cast<std::streamsize>(content.size()));
    if (file.bad()) return fetch_failure{"the file cannot be read"};
    content.resize(static_cast<std::size_t>(file.gcount()));
    if (content.size() > max_bytes) {
        return fetch_failure{"the file is longer than " + std::to_string(max_bytes) + " bytes"};
    }
    return content;
}

}  // namespace

jwks_source::jwks_source(jwt_options const& options,
                         std::function<void(auth_event const&)> on_event, key_set_ptr known)
    : location_(options.jwks_location),
      interval_(options.jwks_refresh),
      min_gap_(options.jwks_min_gap),
      limits_{options.jwks_timeout},
      on_event_(std::move(on_event)),
      current_(std::move(known)),
      thread_([this] { run(); }) {}

jwks_source::~jwks_source() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

key_set_ptr jwks_source::current() const {
    std::lock_guard lock(mutex_);
    return current_;
}

bool jwks_source::refresh(unique_function<void(key_set_ptr)> done) {
    std::lock_guard lock(mutex_);
    if (waiting_.size() >= max_waiting) return false;
    if (!fetching_) {
        bool const too_soon =
            last_start_ && std::chrono::steady_clock::now() - *last_start_ < min_gap_;
        if (too_soon) return false;
        fetching_ = true;
        wanted_ = true;
        wake_.notify_one();
    }
    waiting_.push_back(std::move(done));
    return true;
}

void jwks_source::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        fetching_ = true;
        wanted_ = false;
        last_start_ = std::chrono::steady_clock::now();
        lock.unlock();
        fetch();
        lock.lock();
        fetching_ = false;
        auto finished = std::exchange(waiting_, {});
        auto const keys = current_;
        lock.unlock();
        for (auto& done : finished) {
            if (!stopping_) done(keys);
        }
        finished.clear();
        lock.lock();
        wake_.wait_for(lock, next_wait(), [this] { return stopping_ || wanted_; });
    }
}

std::chrono::milliseconds jwks_source::next_wait() {
    if (failures_ == 0) return interval_;
    auto const doublings = std::min(failures_ - 1, 20U);
    return std::min(first_retry * (1U << doublings), interval_);
}

void jwks_source::fetch() {
    auto const answer = is_address(location_)
                            ? http_fetch(location_, limits_.timeout, limits_.max_bytes, stopping_)
                            : read_file(location_, limits_.max_bytes);
    std::string reason;
    std::optional<key_set> keys;
    if (auto const* failure = std::get_if<fetch_failure>(&answer)) {
        reason = failure->reason;
    } else {
        keys = parse_key_set(std::get<std::string>(answer));
        if (!keys) reason = "it is no JSON Web Key Set with a key for RS256 or ES256";
    }
    auto const count = keys ? keys->size() : 0;
    {
        std::lock_guard lock(mutex_);
        failures_ = keys ? 0 : failures_ + 1;
        if (keys) current_ = std::make_shared<key_set const>(std::move(*keys));
    }
    if (stopping_) return;
    if (count != 0) {
        tell("jwks_loaded", fit_for_a_log(location_) + ": " + std::to_string(count) + " keys");
    } else {
        tell("jwks_failed", fit_for_a_log(location_) + ": " + reason);
    }
}

void jwks_source::tell(std::string_view name, std::string detail) const {
    if (on_event_) on_event_({name, std::move(detail)});
}

}  // namespace broker::auth
