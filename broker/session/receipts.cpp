#include "broker/session/receipts.hpp"

#include <algorithm>
#include <utility>

namespace broker {

app_send_note::app_send_note(std::optional<std::string_view> receipt, std::string_view destination,
                             std::optional<std::string_view> idempotency_key) {
    text_.reserve(receipt.value_or("").size() + idempotency_key.value_or("").size() +
                  destination.size());
    if (receipt) {
        receipt_size_ = static_cast<std::uint32_t>(receipt->size());
        text_ += *receipt;
    }
    if (idempotency_key) {
        key_size_ = static_cast<std::uint32_t>(idempotency_key->size());
        text_ += *idempotency_key;
    }
    text_ += destination;
}

std::optional<std::string_view> app_send_note::receipt() const noexcept {
    if (receipt_size_ == missing) return std::nullopt;
    return std::string_view(text_).substr(0, receipt_size_);
}

std::optional<std::string_view> app_send_note::idempotency_key() const noexcept {
    if (key_size_ == missing) return std::nullopt;
    return std::string_view(text_).substr(receipt_size_ == missing ? 0 : receipt_size_, key_size_);
}

std::string_view app_send_note::destination() const noexcept {
    std::size_t before = receipt_size_ == missing ? 0 : receipt_size_;
    if (key_size_ != missing) before += key_size_;
    return std::string_view(text_).substr(before);
}

void receipts::begin(app_ticket ticket, app_send_note note, commit_number commit) {
    owed_receipt owed;
    owed.ticket = ticket;
    owed.commit = commit;
    owed.wants_receipt = commit == commit_number::none && note.receipt().has_value();
    owed.note = std::move(note);
    queue_.push_back(std::move(owed));
}

void receipts::add_done(std::string_view receipt, commit_number commit) {
    owed_receipt owed;
    owed.commit = commit;
    owed.done = true;
    owed.wants_receipt = true;
    owed.note = app_send_note(receipt, {}, std::nullopt);
    queue_.push_back(std::move(owed));
}

owed_receipt* receipts::find(app_ticket ticket) noexcept {
    if (ticket == app_ticket{}) return nullptr;
    for (auto i = first_; i < queue_.size(); ++i) {
        if (queue_[i].ticket == ticket) return &queue_[i];
    }
    return nullptr;
}

bool receipts::withhold(commit_number commit) noexcept {
    for (auto i = first_; i < queue_.size(); ++i) {
        auto& owed = queue_[i];
        if (owed.commit != commit || owed.ticket != app_ticket{}) continue;
        owed.wants_receipt = false;
        return true;
    }
    return false;
}

std::optional<owed_receipt> receipts::take_ready() {
    if (queue_.empty() || !queue_[first_].done) return std::nullopt;
    auto taken = std::move(queue_[first_]);
    ++first_;
    if (first_ == queue_.size()) {
        std::vector<owed_receipt>().swap(queue_);
        first_ = 0;
    } else if (first_ >= 64 && first_ * 2 >= queue_.size()) {
        queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(first_));
        first_ = 0;
    }
    return taken;
}

}  // namespace broker
