#include "persistence/batch_connection.hpp"
#include "persistence/clock.hpp"
#include "persistence/columns.hpp"
#include "persistence/database_error.hpp"
#include "persistence/native_handle.hpp"
#include "persistence/sqlite_connection.hpp"
#include "persistence/sqlite_statement.hpp"
#include "persistence/turnstile.hpp"

#include <mutex>
#include <utility>

// A batch on SQLite: statements prepared once, in one transaction. Straight on sqlite3, because
// SOCI copies what it binds and looks parameters up by name.

namespace persistence {

namespace {

class sqlite_batches final : public batch_connection {
public:
    sqlite_batches(storage_options const& options, turnstile& turns)
        : outbox_(options.outbox),
          turns_(turns),
          session_(connect_sqlite(options, sqlite_role::writer)),
          native_(sqlite_handle(session_->connection())) {}

    void store(batch& work) override {
        // A commit on SQLite always answers.
        work.unanswered.reset();
        batch_plan plan;
        batch_facts facts;
        chat::timestamp const created_at = now();
        {
            std::lock_guard turn(turns_);
            session_->begin_write();
            try {
                facts = ask(work);
                plan = plan_batch(work.messages, facts);
                work.perhaps_stored = stored_before(plan);
                if (!plan.rows.empty()) write(work, plan, created_at);
                session_->commit();
            } catch (...) {
                session_->rollback();
                throw;
            }
        }
        finish_plan(work.messages, plan, created_at);
        work.outcomes = std::move(plan.outcomes);
    }

    void probe() override {
        std::lock_guard turn(turns_);
        session_->begin_write();
        try {
            sqlite_run run(find_room_);
            run.bind(std::uint64_t{0});
            run.row();
        } catch (...) {
            session_->rollback();
            throw;
        }
        session_->rollback();
    }

    bool usable() const noexcept override { return session_->usable(); }

private:
    batch_facts ask(batch const& work) {
        batch_facts facts;
        std::unordered_map<chat::room_id, bool> asked_rooms;
        std::unordered_map<member_key, bool, key_hash> asked_members;
        for (auto const& message : work.messages) {
            if (asked_rooms.emplace(message.room, true).second) ask_room(message.room, facts);
            member_key const member{message.room, message.author};
            if (asked_members.emplace(member, true).second) ask_member(member, facts);
            if (!message.idempotency_key.empty()) ask_earlier(message, facts);
        }
        return facts;
    }

    void ask_room(chat::room_id room, batch_facts& facts) {
        sqlite_run run(find_room_);
        run.bind(room.value);
        if (!run.row()) return;
        facts.rooms.emplace(room,
                            room_state{run.bits(0), run.number(1) != 0, chat::user_id{run.bits(2)},
                                       chat::user_id{run.bits(3)}});
    }

    void ask_member(member_key member, batch_facts& facts) {
        sqlite_run run(find_member_);
        run.bind(member.room.value);
        run.bind(member.user.value);
        if (run.row()) facts.members.emplace(member, run.text(0));
    }

    void ask_earlier(chat::new_message const& message, batch_facts& facts) {
        idempotency_key const key{message.room, message.author, message.idempotency_key};
        if (facts.earlier.contains(key)) return;
        sqlite_run run(find_earlier_);
        run.bind(message.room.value);
        run.bind(message.author.value);
        run.bind(message.idempotency_key);
        if (!run.row()) return;
        earlier_message earlier;
        earlier.message.id = chat::message_id{run.bits(0)};
        earlier.message.room = message.room;
        earlier.message.seq = run.bits(1);
        earlier.message.author = message.author;
        earlier.message.nickname = run.text(2);
        earlier.message.type = message_type_of(run.number(3));
        earlier.message.content = run.text(4);
        earlier.message.created_at = time_of_column(run.number(5));
        earlier.edited = run.number(6) != 0;
        facts.earlier.emplace(key, std::move(earlier));
    }

    void write(batch const& work, batch_plan& plan, chat::timestamp created_at) {
        std::int64_t const time = to_column(created_at);
        for (planned_row& row : plan.rows) {
            chat::new_message const& message = work.messages[row.index];
            sqlite_run run(insert_message_);
            run.bind(message.room.value);
            run.bind(row.seq);
            run.bind(message.author.value);
            run.bind(row.nickname);
            run.bind(to_column(message.type));
            run.bind(message.content);
            run.bind_or_null(message.idempotency_key);
            run.bind(time);
            run.row();
            row.id = chat::message_id{
                static_cast<std::uint64_t>(sqlite_api::sqlite3_last_insert_rowid(native_))};
        }
        for (auto const& [room, last_seq] : plan.last_seqs) {
            sqlite_run run(move_room_);
            run.bind(last_seq);
            run.bind(room.value);
            run.row();
        }
        if (!outbox_) return;
        for (planned_row const& row : plan.rows) {
            sqlite_run run(insert_outbox_);
            run.bind(work.messages[row.index].room.value);
            run.bind(row.seq);
            run.bind(time);
            run.row();
        }
    }

    bool outbox_;
    turnstile& turns_;
    std::unique_ptr<sql_session> session_;
    sqlite_api::sqlite3* native_;
    sqlite_statement find_room_{native_,
                                "SELECT last_seq, deactivated_at IS NULL, coalesce(direct_low, 0),"
                                " coalesce(direct_high, 0) FROM rooms WHERE id = ?"};
    sqlite_statement find_member_{native_,
                                  "SELECT nickname FROM room_members"
                                  " WHERE room_id = ? AND user_id = ? AND left_at IS NULL"};
    sqlite_statement find_earlier_{native_,
                                   "SELECT id, seq, nickname, type, content, created_at,"
                                   " edited_at IS NOT NULL OR deleted_at IS NOT NULL FROM messages"
                                   " WHERE room_id = ? AND author_id = ? AND idempotency_key = ?"};
    sqlite_statement insert_message_{
        native_,
        "INSERT INTO messages (room_id, seq, author_id, nickname, type, content, idempotency_key,"
        " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"};
    sqlite_statement move_room_{native_, "UPDATE rooms SET last_seq = ? WHERE id = ?"};
    sqlite_statement insert_outbox_{
        native_, "INSERT INTO outbox (event, room_id, seq, created_at) VALUES (0, ?, ?, ?)"};
};

}  // namespace

std::unique_ptr<batch_connection> connect_sqlite_batches(storage_options const& options,
                                                         turnstile& turns) {
    return std::make_unique<sqlite_batches>(options, turns);
}

}  // namespace persistence
