#include "broker/transport/sockjs/session_claims.hpp"

#include <utility>

namespace broker::transport::sockjs {

session_claim::session_claim(std::weak_ptr<session_claims> home, std::string key)
    : home_(std::move(home)), key_(std::move(key)) {}

session_claim::~session_claim() {
    // A node that stops gives its sessions back all at once, with its lease.
    if (auto const home = home_.lock()) home->forget(*this, taken_);
}

session_claims::session_claims(session_owners* owners, std::string prefix)
    : owners_(owners), prefix_(std::move(prefix)) {}

std::string session_claims::key_of(std::string_view session_id) const {
    std::string key = prefix_;
    key += '/';
    key += session_id;
    return key;
}

std::shared_ptr<session_claim> session_claims::hold(std::string_view session_id) {
    auto& slot = held_[key_of(session_id)];
    auto claim = slot.lock();
    if (!claim) {
        claim = std::make_shared<session_claim>(weak_from_this(), key_of(session_id));
        slot = claim;
    }
    return claim;
}

void session_claims::forget(session_claim const& gone, bool taken) {
    held_.erase(gone.key());
    if (taken) owners_->release(gone.key());
}

}  // namespace broker::transport::sockjs
