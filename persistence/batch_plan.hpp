#pragma once

#include "chat/model.hpp"
#include "chat/ports/message_writer.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

// What a batch of messages becomes: which are stored under which seq, which repeat an earlier one,
// and which are refused. Pure: the facts come from the transaction that will store it, which holds
// the locks of the rooms.

namespace persistence {

struct member_key {
    chat::room_id room;
    chat::user_id user;
    friend bool operator==(member_key, member_key) = default;
};

struct idempotency_key {
    chat::room_id room;
    chat::user_id author;
    std::string_view key;  // lives in the batch
    friend bool operator==(idempotency_key const&, idempotency_key const&) = default;
};

struct key_hash {
    std::size_t operator()(member_key const& key) const noexcept {
        return mix(key.room.value, key.user.value);
    }
    std::size_t operator()(idempotency_key const& key) const noexcept {
        return mix(mix(key.room.value, key.author.value), std::hash<std::string_view>{}(key.key));
    }

private:
    static std::size_t mix(std::size_t a, std::size_t b) noexcept {
        return (a ^ (b + 0x9e3779b97f4a7c15U + (a << 6U) + (a >> 2U))) * 0xff51afd7ed558ccdU;
    }
};

struct room_state {
    std::uint64_t last_seq = 0;
    bool active = true;
    // The two of a direct room; 0 in others.
    chat::user_id direct_low{};
    chat::user_id direct_high{};
};

// A message that has the key already.
struct earlier_message {
    chat::stored_message message;
    bool edited = false;  // its content is no longer what was sent
};

struct batch_facts {
    std::unordered_map<chat::room_id, room_state> rooms;            // those that exist
    std::unordered_set<chat::room_id> locked_rooms;                 // those that others have locked
    std::unordered_map<member_key, std::string, key_hash> members;  // with their nicknames
    std::unordered_map<idempotency_key, earlier_message, key_hash> earlier;
};

struct planned_row {
    std::size_t index = 0;  // in the batch
    std::uint64_t seq = 0;
    chat::message_id id;        // given when the row is written
    std::string_view nickname;  // the message's own, or the member's, which is in the facts
    std::optional<chat::user_id> receiver{};  // of a direct message
};

struct batch_plan {
    std::vector<planned_row> rows;
    std::unordered_map<chat::room_id, std::uint64_t> last_seqs;  // of the rooms that changed
    std::vector<chat::write_outcome> outcomes;  // one for each message; refused and repeated ones
                                                // are final, those of rows come by finish_plan
    struct repeat {
        std::size_t index;
        std::size_t first;  // the message of this batch that has the same key
    };
    std::vector<repeat> repeats;
    std::vector<std::size_t> held;  // messages whose rooms others have locked
};

// Refuses what no database would take, without asking one: text that is not UTF-8.
bool storable(chat::new_message const& message) noexcept;

batch_plan plan_batch(std::span<chat::new_message const> batch, batch_facts const& facts);

// Before finish_plan. Which messages are there already under their key, and which are when the plan
// is carried out as well.
std::vector<bool> stored_before(batch_plan const& plan);
std::vector<bool> stored_by(batch_plan const& plan);

// Fills the outcomes of the rows and of their repeats, after the commit.
void finish_plan(std::span<chat::new_message> batch, batch_plan& plan, chat::timestamp created_at);

}  // namespace persistence
