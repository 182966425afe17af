#include "broker/registry/redis/connector.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <random>
#include <stdexcept>
#include <utility>

namespace broker::redis {

namespace {

using namespace std::chrono_literals;

constexpr auto sentinel_interval = 1s;
constexpr std::chrono::milliseconds shortest_backoff = 20ms;
// A connection that held so long was a good one: the next attempt after it comes at once.
constexpr auto good_connection = 5s;

std::vector<address> parsed_urls(std::vector<std::string> const& urls,
                                 std::string const& password) {
    std::vector<address> parsed;
    for (std::string const& url : urls) {
        parsed.push_back(parse_url(url));
        if (parsed.back().password.empty()) parsed.back().password = password;
    }
    return parsed;
}

std::vector<address> parsed_places(std::vector<std::string> const& places) {
    std::vector<address> parsed;
    parsed.reserve(places.size());
    for (std::string const& place : places) parsed.push_back(parse_sentinel(place));
    return parsed;
}

template <std::size_t N>
reply_ptr call(wire& line, std::string_view const (&words)[N]) {
    return line.call(std::span<std::string_view const>(words, N));
}

std::string run_id_of(std::string_view info) {
    constexpr std::string_view name = "run_id:";
    auto const found = info.find(name);
    if (found == std::string_view::npos) throw std::runtime_error("INFO names no run_id");
    std::string_view const rest = info.substr(found + name.size());
    return std::string(rest.substr(0, rest.find_first_of("\r\n")));
}

void log_in(wire& line, std::string const& user, std::string const& password) {
    if (password.empty()) return;
    if (user.empty()) {
        call(line, {"AUTH", password});
    } else {
        call(line, {"AUTH", user, password});
    }
}

// hiredis and OpenSSL write with write(), which raises a signal when the other side is gone.
void block_broken_pipes() {
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
}

}  // namespace

connector::connector(options const& given, listener to)
    : wire_options_{.ca_file = given.ca_file,
                    .connect_timeout = given.connect_timeout,
                    .command_timeout = given.command_timeout},
      longest_backoff_(given.longest_backoff),
      master_name_(given.master_name),
      sentinel_password_(given.sentinel_password),
      credentials_{.host = {}, .password = given.password, .database = given.database},
      addresses_(parsed_urls(given.addresses, given.password)),
      sentinels_(parsed_places(given.sentinels)),
      to_(std::move(to)) {
    if (addresses_.empty() == sentinels_.empty()) {
        throw std::invalid_argument("Redis needs either addresses or Sentinels");
    }
    thread_ = std::thread([this] { run(); });
}

connector::~connector() {
    stop();
}

void connector::connect() {
    std::lock_guard const lock(mutex_);
    asked_ = true;
    changed_.notify_one();
}

void connector::stop() {
    {
        std::lock_guard const lock(mutex_);
        stopping_ = true;
        changed_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
}

// True when it is over before the time: by stop(), or by connect() if that is waited for.
bool connector::pause(std::chrono::milliseconds time, bool until_asked) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, time, [&] { return stopping_ || (until_asked && asked_); });
}

void connector::run() {
    block_broken_pipes();
    std::minstd_rand random{std::random_device{}()};
    std::chrono::milliseconds backoff{0};
    clock::time_point connected = clock::now();
    std::string place;
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            auto const wanted = [this] { return stopping_ || asked_; };
            if (sentinels_.empty() || place.empty()) {
                changed_.wait(lock, wanted);
            } else {
                changed_.wait_for(lock, sentinel_interval, wanted);
            }
            if (stopping_) return;
            if (!asked_) {
                lock.unlock();
                try {
                    std::string const now = ask_sentinels().place();
                    if (now != place) to_.on_moved(now);
                } catch (std::exception const&) {
                    // The connection stands; the Sentinels are asked again.
                }
                continue;
            }
        }
        if (clock::now() - connected >= good_connection) backoff = {};
        for (;;) {
            if (backoff.count() > 0) {
                std::uniform_int_distribution<long long> between(backoff.count() / 2,
                                                                 backoff.count());
                if (pause(std::chrono::milliseconds(between(random)), false)) return;
            }
            backoff = std::clamp(2 * backoff, shortest_backoff, longest_backoff_);
            try {
                established done = try_next();
                place = done.place;
                connected = clock::now();
                {
                    std::lock_guard const lock(mutex_);
                    if (stopping_) return;
                    asked_ = false;
                }
                to_.on_connected(std::move(done));
                break;
            } catch (std::exception const& failed) {
                to_.on_failed(failed.what());
            }
        }
    }
}

established connector::try_next() {
    if (!sentinels_.empty()) return open(ask_sentinels());
    std::string why;
    for (std::size_t i = 0; i != addresses_.size(); ++i) {
        address const& where = addresses_[next_ % addresses_.size()];
        try {
            return open(where);
        } catch (std::exception const& failed) {
            why += (why.empty() ? "" : "; ") + where.place() + ": " + failed.what();
            ++next_;
        }
    }
    throw std::runtime_error(why);
}

established connector::open(address const& where) const {
    established made;
    made.place = where.place();
    made.line = std::make_unique<wire>(where, wire_options_);
    wire& line = *made.line;
    log_in(line, where.user, where.password);
    if (where.database != 0) call(line, {"SELECT", std::to_string(where.database)});
    reply_ptr const role = call(line, {"ROLE"});
    if (reply(role.get()).at(0).text() != "master") {
        throw std::runtime_error(made.place + " is not a master");
    }
    reply_ptr const info = call(line, {"INFO", "server"});
    made.run_id = run_id_of(reply(info.get()).text());
    for (std::size_t i = 0; i != script_count; ++i) {
        reply_ptr const loaded = call(line, {"SCRIPT", "LOAD", text_of(static_cast<script>(i))});
        made.scripts.at(i) = reply(loaded.get()).text();
    }
    return made;
}

// The first Sentinel that answers counts; the next question goes to the same one.
address connector::ask_sentinels() {
    std::string why;
    for (std::size_t i = 0; i != sentinels_.size(); ++i) {
        address const& sentinel = sentinels_[next_ % sentinels_.size()];
        try {
            return ask_sentinel(sentinel);
        } catch (std::exception const& failed) {
            why +=
                (why.empty() ? "" : "; ") + ("Sentinel " + sentinel.place()) + ": " + failed.what();
            ++next_;
        }
    }
    throw std::runtime_error(why);
}

address connector::ask_sentinel(address const& sentinel) const {
    wire line(sentinel, wire_options_);
    log_in(line, {}, sentinel_password_);
    reply_ptr const answer = call(line, {"SENTINEL", "get-master-addr-by-name", master_name_});
    reply const master(answer.get());
    if (master.size() != 2) throw std::runtime_error("knows no master " + master_name_);
    address found = credentials_;
    found.tls = sentinel.tls;
    std::string_view const host = master.at(0).text();
    bool const is_v6 = host.find(':') != std::string_view::npos;
    std::string const place = is_v6 ? "[" + std::string(host) + "]" : std::string(host);
    address const where = parse_place(place + ":" + std::string(master.at(1).text()), 0);
    found.host = where.host;
    found.port = where.port;
    return found;
}

}  // namespace broker::redis
