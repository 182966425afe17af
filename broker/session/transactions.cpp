#include "broker/session/transactions.hpp"

#include <algorithm>
#include <utility>

namespace broker {
namespace {

std::size_t text_size(stomp::frame const& frame) noexcept {
    auto size = frame.body.size();
    for (auto const& h : frame.headers) size += h.name.size() + h.value.size();
    return size;
}

}  // namespace

kept_frame::kept_frame(stomp::frame const& original)
    : text_(std::make_unique_for_overwrite<char[]>(text_size(original))), frame_(original) {
    auto* next = text_.get();
    auto const keep = [&next](std::string_view part) {
        auto const kept = std::string_view(next, part.size());
        next = std::ranges::copy(part, next).out;
        return kept;
    };
    headers_.reserve(original.headers.size());
    for (auto const& h : original.headers) {
        auto const name = keep(h.name);
        headers_.push_back({name, keep(h.value)});
    }
    frame_.headers = headers_;
    frame_.body = keep(original.body);
}

std::size_t kept_frame::bytes_of(stomp::frame const& frame) noexcept {
    return text_size(frame) + frame.headers.size() * sizeof(stomp::header_view);
}

std::optional<transaction_errc> transactions::begin(std::string_view name,
                                                    session_limits const& limits) {
    if (name.size() > limits.max_id_bytes) return transaction_errc::name_too_long;
    if (find(name) != nullptr) return transaction_errc::already_open;
    if (open_.size() >= limits.max_transactions) return transaction_errc::too_many;
    open_.push_back({std::string(name), 0, {}});
    return std::nullopt;
}

std::optional<transaction_errc> transactions::keep(std::string_view name, stomp::frame const& frame,
                                                   session_limits const& limits) {
    auto* const open = find(name);
    if (open == nullptr) return transaction_errc::not_open;
    if (open->frames.size() >= limits.max_transaction_frames) {
        return transaction_errc::too_many_frames;
    }
    auto const bytes = kept_frame::bytes_of(frame);
    if (bytes > limits.max_transaction_bytes - open->bytes) {
        return transaction_errc::too_many_bytes;
    }
    open->frames.emplace_back(frame);
    open->bytes += bytes;
    return std::nullopt;
}

std::optional<std::vector<kept_frame>> transactions::take(std::string_view name) {
    auto* const open = find(name);
    if (open == nullptr) return std::nullopt;
    auto frames = std::move(open->frames);
    open_.erase(open_.begin() + (open - open_.data()));
    return frames;
}

transactions::transaction* transactions::find(std::string_view name) noexcept {
    auto const found = std::ranges::find(open_, name, &transaction::name);
    return found == open_.end() ? nullptr : &*found;
}

}  // namespace broker
