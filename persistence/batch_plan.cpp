#include "persistence/batch_plan.hpp"

#include "persistence/columns.hpp"

#include <simdjson.h>
#include <utility>

namespace persistence {

namespace {

using chat::errc;

std::optional<chat::user_id> receiver_of(room_state const& room, chat::user_id author) {
    if (room.direct_low.value == 0) return std::nullopt;
    return author == room.direct_low ? room.direct_high : room.direct_low;
}

bool same_message(chat::new_message const& sent, earlier_message const& earlier) {
    return earlier.edited ||
           (earlier.message.type == sent.type && earlier.message.content == sent.content);
}

}  // namespace

bool is_text(std::string_view text) noexcept {
    if (text.empty()) return true;  // most keys are, and many nicknames
    return text.find('\0') == std::string_view::npos &&
           simdjson::validate_utf8(text.data(), text.size());
}

bool storable(chat::new_message const& message) noexcept {
    return is_text(message.content) && is_text(message.nickname) &&
           is_text(message.idempotency_key);
}

batch_plan plan_batch(std::span<chat::new_message const> batch, batch_facts const& facts) {
    batch_plan plan;
    plan.rows.reserve(batch.size());
    plan.outcomes.assign(batch.size(), {errc::store_unavailable, false});
    std::unordered_map<idempotency_key, std::size_t, key_hash> keys_here;

    for (std::size_t index = 0; index != batch.size(); ++index) {
        chat::new_message const& message = batch[index];
        chat::write_outcome& outcome = plan.outcomes[index];
        auto const refuse = [&outcome](errc why) { outcome.stored = why; };

        // A retry is answered as the first time, whatever became of the room and the member since.
        idempotency_key const key{message.room, message.author, message.idempotency_key};
        if (!key.key.empty()) {
            if (auto found = facts.earlier.find(key); found != facts.earlier.end()) {
                if (same_message(message, found->second)) {
                    outcome = {found->second.message, true};
                } else {
                    refuse(errc::idempotency_conflict);
                }
                continue;
            }
            if (auto found = keys_here.find(key); found != keys_here.end()) {
                chat::new_message const& first = batch[found->second];
                if (first.type == message.type && first.content == message.content) {
                    plan.repeats.push_back({index, found->second});
                } else {
                    refuse(errc::idempotency_conflict);
                }
                continue;
            }
        }

        if (facts.locked_rooms.contains(message.room)) {
            plan.held.push_back(index);
            refuse(errc::store_busy);
            continue;
        }
        auto const room = facts.rooms.find(message.room);
        if (room == facts.rooms.end()) {
            refuse(errc::no_such_room);
            continue;
        }
        auto const member = facts.members.find({message.room, message.author});
        if (member == facts.members.end()) {
            refuse(errc::not_a_member);
            continue;
        }
        if (!room->second.active) {
            refuse(errc::room_inactive);
            continue;
        }

        auto& last_seq =
            plan.last_seqs.try_emplace(message.room, room->second.last_seq).first->second;
        std::string_view const nickname =
            message.nickname.empty() ? std::string_view(member->second) : message.nickname;
        plan.rows.push_back(
            {index, ++last_seq, {}, nickname, receiver_of(room->second, message.author)});
        if (!key.key.empty()) keys_here.emplace(key, index);
    }
    return plan;
}

std::vector<bool> stored_before(batch_plan const& plan) {
    std::vector<bool> stored;
    stored.reserve(plan.outcomes.size());
    for (auto const& outcome : plan.outcomes) stored.push_back(outcome.stored.has_value());
    return stored;
}

std::vector<bool> stored_by(batch_plan const& plan) {
    auto stored = stored_before(plan);
    for (auto const& row : plan.rows) stored[row.index] = true;
    for (auto const& repeat : plan.repeats) stored[repeat.index] = true;
    return stored;
}

void finish_plan(std::span<chat::new_message> batch, batch_plan& plan, chat::timestamp created_at) {
    for (planned_row const& row : plan.rows) {
        chat::new_message& message = batch[row.index];
        chat::stored_message stored;
        stored.id = row.id;
        stored.room = message.room;
        stored.seq = row.seq;
        stored.author = message.author;
        stored.nickname = std::string(row.nickname);
        stored.type = message.type;
        stored.content = std::move(message.content);
        stored.created_at = created_at;
        plan.outcomes[row.index] = {std::move(stored), false, row.receiver};
    }
    for (auto const& [index, first] : plan.repeats) {
        plan.outcomes[index] = {plan.outcomes[first].stored, true};
    }
}

}  // namespace persistence
