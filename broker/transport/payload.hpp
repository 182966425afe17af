#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

// Bytes on their way out, shared by the connections of one shard.
//
// The reference count is not atomic: a payload never leaves its shard. What crosses shards is the
// immutable object behind it (a message), which `owner` keeps alive.

namespace broker::transport {

class payload {
public:
    // Bytes owned by the payload itself.
    explicit payload(std::string bytes) : own_(std::move(bytes)), view_(own_) {}
    // Bytes inside something shared.
    payload(std::string_view bytes, std::shared_ptr<void const> owner)
        : owner_(std::move(owner)), view_(bytes) {}
    payload(payload const&) = delete;
    payload& operator=(payload const&) = delete;

    std::string_view bytes() const noexcept { return view_; }
    // May be dropped from a full queue before anything else is done about the reader.
    bool droppable = false;

private:
    friend class payload_ref;
    std::uint32_t references_ = 0;
    std::shared_ptr<void const> owner_;
    std::string own_;
    std::string_view view_;
};

class payload_ref {
public:
    payload_ref() = default;
    explicit payload_ref(payload* target) noexcept : target_(target) { retain(); }
    payload_ref(payload_ref const& other) noexcept : target_(other.target_) { retain(); }
    payload_ref(payload_ref&& other) noexcept : target_(std::exchange(other.target_, nullptr)) {}
    payload_ref& operator=(payload_ref other) noexcept {
        std::swap(target_, other.target_);
        return *this;
    }
    ~payload_ref() {
        if (target_ != nullptr && --target_->references_ == 0) delete target_;
    }

    explicit operator bool() const noexcept { return target_ != nullptr; }
    // Nobody else holds it.
    bool unique() const noexcept { return target_ != nullptr && target_->references_ == 1; }
    payload const& operator*() const noexcept { return *target_; }
    payload const* operator->() const noexcept { return target_; }
    payload const* get() const noexcept { return target_; }

private:
    void retain() const noexcept {
        if (target_ != nullptr) ++target_->references_;
    }
    payload* target_ = nullptr;
};

inline payload_ref make_payload(std::string bytes) {
    return payload_ref(new payload(std::move(bytes)));
}

// Of a part that may be missing.
inline std::string_view bytes_of(payload_ref const& part) {
    return part ? part->bytes() : std::string_view();
}
inline bool is_droppable(payload_ref const& part) {
    return part && part->droppable;
}

}  // namespace broker::transport
