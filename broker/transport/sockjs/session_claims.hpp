#pragma once

#include "broker/ports/session_owners.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

// What this shard says to the other nodes of a cluster about its sessions: a session is claimed
// before it is opened, and given back when neither it nor a request that may open it is left. On
// the shard's thread only.

namespace broker::transport::sockjs {

class session_claims;

// Held by the requests that may open a session and by the session itself. The last one that goes
// gives the session back, if it was taken.
class session_claim {
public:
    session_claim(std::weak_ptr<session_claims> home, std::string key);
    ~session_claim();
    session_claim(session_claim const&) = delete;
    session_claim& operator=(session_claim const&) = delete;

    std::string const& key() const noexcept { return key_; }
    // It is ours.
    void taken() noexcept { taken_ = true; }

private:
    std::weak_ptr<session_claims> home_;
    std::string key_;
    bool taken_ = false;
};

class session_claims : public std::enable_shared_from_this<session_claims> {
public:
    // `owners` may be null: there are no other nodes. `prefix` tells the services of a node apart.
    session_claims(session_owners* owners, std::string prefix);

    session_owners* owners() const noexcept { return owners_; }
    std::string key_of(std::string_view session_id) const;

    // What is there for the session, or a new one that is not taken yet. To be held while the
    // owners are asked: nobody gives the session back meanwhile.
    std::shared_ptr<session_claim> hold(std::string_view session_id);

private:
    friend class session_claim;
    void forget(session_claim const& gone, bool taken);

    session_owners* owners_;  // outlives us
    std::string prefix_;
    std::unordered_map<std::string, std::weak_ptr<session_claim>> held_;
};

}  // namespace broker::transport::sockjs
