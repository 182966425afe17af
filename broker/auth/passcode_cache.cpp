#include "broker/auth/passcode_cache.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace broker::auth {

passcode_digester::passcode_digester() {
    if (RAND_bytes(key_.data(), static_cast<int>(key_.size())) != 1) {
        throw std::runtime_error("no randomness for the key of the passcode cache");
    }
}

passcode_digest passcode_digester::operator()(std::string_view login,
                                              std::string_view passcode) const {
    // The length in front keeps ("ab", "c") and ("a", "bc") apart.
    auto text = std::to_string(login.size()) + ":";
    text.reserve(text.size() + login.size() + passcode.size());
    text.append(login).append(passcode);
    passcode_digest digest{};
    unsigned int size = 0;
    auto const* done = HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
                            reinterpret_cast<unsigned char const*>(text.data()), text.size(),
                            digest.data(), &size);
    OPENSSL_cleanse(text.data(), text.size());
    if (!done || size != digest.size()) throw std::runtime_error("HMAC-SHA256 failed");
    return digest;
}

void passcode_cache::add(passcode_digest const& digest, principal_ptr who, steady_time now) {
    if (ttl_.count() == 0 || max_entries_ == 0) return;
    drop_expired(now);
    auto const [place, is_new] = entries_.try_emplace(digest, entry{std::move(who), now + ttl_});
    if (!is_new) return;  // its time to live goes on from when it was checked
    by_age_.push_back(digest);
    if (entries_.size() > max_entries_) drop_oldest();
}

principal_ptr passcode_cache::find(passcode_digest const& digest, steady_time now) {
    drop_expired(now);
    auto const found = entries_.find(digest);
    return found == entries_.end() ? nullptr : found->second.who;
}

void passcode_cache::drop_expired(steady_time now) {
    while (!by_age_.empty() && entries_.at(by_age_.front()).expires <= now) drop_oldest();
}

void passcode_cache::drop_oldest() {
    entries_.erase(by_age_.front());
    by_age_.pop_front();
}

}  // namespace broker::auth
