#pragma once

#include "broker/transport/sockjs/service_options.hpp"
#include "broker/transport/sockjs/session.hpp"
#include "broker/transport/sockjs/session_claims.hpp"
#include "broker/transport/sockjs/shard_context.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

// The HTTP sessions that one shard owns, by id, and the list of those with something to do at the
// end of the loop turn. On the shard's thread only.

namespace broker::transport::sockjs {

// Keyed, since clients choose session ids: nobody can aim at one shard or one bucket. The same on
// every shard of a service.
std::uint64_t session_hash(std::string_view id, std::uint64_t key) noexcept;

class session_registry : public std::enable_shared_from_this<session_registry> {
public:
    session_registry(std::shared_ptr<service_options const> options, shard_context context,
                     std::uint64_t hash_key);
    session_registry(session_registry const&) = delete;
    session_registry& operator=(session_registry const&) = delete;
    ~session_registry();

    // Null if there is none.
    std::shared_ptr<session> find(std::string_view id) const;

    bool full() const noexcept;

    // `id` must be free.
    std::shared_ptr<session> open(std::string_view id, http_request const& opening,
                                  std::unique_ptr<handler> application,
                                  std::shared_ptr<session_claim> claim = nullptr);

    void remove(session& gone);

    // Calls `who.flush()` once, after what runs now.
    void flush_later(session& who);

    std::size_t size() const noexcept { return sessions_.size(); }
    service_options const& options() const noexcept { return *options_; }
    session_claims& claims() noexcept { return *claims_; }
    executor& home() noexcept { return context_.home; }
    timer_wheel& timers() noexcept { return context_.timers; }
    steady_time now() const { return context_.now(); }

private:
    struct hasher {
        std::uint64_t key;
        std::size_t operator()(std::string_view id) const noexcept { return session_hash(id, key); }
    };

    void flush_all();

    std::shared_ptr<service_options const> options_;
    shard_context context_;
    std::shared_ptr<session_claims> claims_;
    std::unordered_map<std::string_view, std::shared_ptr<session>, hasher> sessions_;
    std::vector<std::shared_ptr<session>> dirty_;
    std::vector<std::shared_ptr<session>> retired_;  // kept until nothing on the stack uses them
    bool flush_posted_ = false;
};

}  // namespace broker::transport::sockjs
