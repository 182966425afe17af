#pragma once

#include "broker/ports/app_handler.hpp"
#include "broker/session/actions.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Which RECEIPTs are owed, in the order of the frames.
//
// A RECEIPT says that its frame and all before it were processed, so one that is ready early waits
// for the app sends before it. While no app send is under way the queue is empty and holds no
// memory. Owned by one session, used on its shard thread only.

namespace broker {

// What must be remembered of an app send to tell of its failure. One block of text.
class app_send_note {
public:
    app_send_note() = default;
    app_send_note(std::optional<std::string_view> receipt, std::string_view destination,
                  std::optional<std::string_view> idempotency_key);

    std::optional<std::string_view> receipt() const noexcept;
    std::string_view destination() const noexcept;
    std::optional<std::string_view> idempotency_key() const noexcept;

private:
    static constexpr std::uint32_t missing = UINT32_MAX;

    std::string text_;  // receipt, idempotency key, destination
    std::uint32_t receipt_size_ = missing;
    std::uint32_t key_size_ = missing;
};

// Names a COMMIT while its app sends are under way.
enum class commit_number : std::uint32_t { none = 0 };

struct owed_receipt {
    app_ticket ticket{};                         // zero: a frame that is done already
    commit_number commit = commit_number::none;  // of an app send or the end of a COMMIT
    bool done = false;
    bool wants_receipt = false;
    app_send_note note;
    std::unique_ptr<app_error> failure;  // to be told when its turn comes
};

class receipts {
public:
    // An app send was begun. Within a COMMIT its note bears the COMMIT's receipt, and it gets no
    // RECEIPT of its own.
    void begin(app_ticket ticket, app_send_note note, commit_number commit);

    // A frame is done, and nothing but earlier frames stands before its RECEIPT. Call only while
    // not idle(): otherwise the RECEIPT may go at once.
    void add_done(std::string_view receipt, commit_number commit = commit_number::none);

    // The entry of an app send under way; null if there is none of that ticket.
    owed_receipt* find(app_ticket ticket) noexcept;

    // It is under way, and nothing before it.
    bool is_oldest(app_ticket ticket) const noexcept {
        return !queue_.empty() && ticket != app_ticket{} && queue_[first_].ticket == ticket;
    }

    // No RECEIPT for the COMMIT. False if its end has not been added yet.
    bool withhold(commit_number commit) noexcept;

    // Takes the oldest entry if it is done.
    std::optional<owed_receipt> take_ready();

    bool idle() const noexcept { return queue_.empty(); }
    std::size_t size() const noexcept { return queue_.size() - first_; }

private:
    std::vector<owed_receipt> queue_;
    std::size_t first_ = 0;  // before it lie entries already taken
};

}  // namespace broker
