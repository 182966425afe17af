#include "broker/transport/sockjs/session_registry.hpp"

#include <cstring>
#include <utility>

namespace broker::transport::sockjs {

std::uint64_t session_hash(std::string_view id, std::uint64_t key) noexcept {
    __extension__ using wide = unsigned __int128;
    auto mix = [](std::uint64_t a, std::uint64_t b) {
        auto const product = static_cast<wide>(a) * b;
        return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
    };
    constexpr std::uint64_t odd = 0x9E3779B97F4A7C15U;
    std::uint64_t state = key ^ (id.size() * odd);
    while (!id.empty()) {
        std::uint64_t word = 0;
        auto const length = id.size() < sizeof word ? id.size() : sizeof word;
        std::memcpy(&word, id.data(), length);
        state = mix(state ^ word ^ odd, key | 1U) + word;
        id.remove_prefix(length);
    }
    return mix(state ^ key, odd);
}

session_registry::session_registry(std::shared_ptr<service_options const> options,
                                   shard_context context, std::uint64_t hash_key)
    : options_(std::move(options)),
      context_(std::move(context)),
      claims_(std::make_shared<session_claims>(options_->owners, options_->prefix)),
      sessions_(16, hasher{hash_key}) {}

session_registry::~session_registry() {
    // First: a node that stops gives its sessions back all at once.
    claims_.reset();
}

std::shared_ptr<session> session_registry::find(std::string_view id) const {
    auto const found = sessions_.find(id);
    return found == sessions_.end() ? nullptr : found->second;
}

bool session_registry::full() const noexcept {
    return sessions_.size() >= options_->max_sessions;
}

std::shared_ptr<session> session_registry::open(std::string_view id, http_request const& opening,
                                                std::unique_ptr<handler> application,
                                                std::shared_ptr<session_claim> claim) {
    auto opened = std::make_shared<session>(*this, std::string(id), client_secret(opening),
                                            std::move(application), std::move(claim));
    sessions_.emplace(opened->id(), opened);
    return opened;
}

void session_registry::remove(session& gone) {
    auto const found = sessions_.find(gone.id());
    if (found == sessions_.end() || found->second.get() != &gone) return;
    flush_later(gone);
    retired_.push_back(std::move(found->second));
    sessions_.erase(found);
}

void session_registry::flush_later(session& who) {
    dirty_.push_back(who.shared_from_this());
    if (std::exchange(flush_posted_, true)) return;
    context_.home.post([weak = weak_from_this()] {
        if (auto self = weak.lock()) self->flush_all();
    });
}

void session_registry::flush_all() {
    flush_posted_ = false;
    auto const retired = std::exchange(retired_, {});
    auto const dirty = std::exchange(dirty_, {});
    for (auto const& each : dirty) each->flush();
}

}  // namespace broker::transport::sockjs
