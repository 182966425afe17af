#include "persistence/batch_connection.hpp"
#include "persistence/clock.hpp"
#include "persistence/columns.hpp"
#include "persistence/database_error.hpp"
#include "persistence/lock_patience.hpp"
#include "persistence/native_handle.hpp"
#include "persistence/postgres_arrays.hpp"
#include "persistence/postgres_connection.hpp"
#include "persistence/postgres_pipeline.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

// A batch in two round trips: what must be known (under the locks of the rooms), then what is
// written and the commit. SOCI sends bulk data row by row; arrays are three times as fast and more.

namespace persistence {

namespace {

struct prepared_statement {
    char const* name;
    char const* sql;
};

#define LOCK_ROOMS                                                                  \
    "SELECT id, last_seq, deactivated_at IS NULL, coalesce(direct_low, 0),"         \
    " coalesce(direct_high, 0) FROM rooms WHERE id = ANY($1::bigint[]) ORDER BY id" \
    " FOR NO KEY UPDATE"

// They are planned once, perhaps while the tables are empty, and must stay good as these grow: an
// OFFSET 0 keeps the planner from turning a look-up per element into a walk over the whole table.
constexpr prepared_statement statements[] = {
    // Not READ WRITE, which would write to a source that was closed for a switch-over.
    {"begin", "BEGIN ISOLATION LEVEL READ COMMITTED"},
    {"commit", "COMMIT"},
    {"takes_writes", "SELECT 1 WHERE current_setting('transaction_read_only') = 'off'"},
    // In the order of id: two nodes that need the same rooms wait for each other, never in a ring.
    {"lock_rooms", LOCK_ROOMS},
    {"lock_free_rooms", LOCK_ROOMS " SKIP LOCKED"},
    {"find_rooms", "SELECT id FROM rooms WHERE id = ANY($1::bigint[])"},
    {"find_members",
     "SELECT m.room_id, m.user_id, m.nickname"
     " FROM unnest($1::bigint[], $2::bigint[]) AS asked (room_id, user_id), LATERAL ("
     "   SELECT * FROM room_members WHERE room_id = asked.room_id AND user_id = asked.user_id"
     "   OFFSET 0) m"
     " WHERE m.left_at IS NULL"},
    {"find_earlier",
     "SELECT asked.position, m.id, m.seq, m.nickname, m.type, m.content, m.created_at,"
     " m.edited_at IS NOT NULL OR m.deleted_at IS NOT NULL"
     " FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[])"
     "   AS asked (room_id, author_id, key, position), LATERAL ("
     "   SELECT * FROM messages WHERE room_id = asked.room_id AND author_id = asked.author_id"
     "   AND idempotency_key = asked.key OFFSET 0) m"},
    // The ids are taken before the rows are written, so that a row can be looked for after a commit
    // whose answer was lost.
    {"take_ids", "SELECT nextval('message_ids') FROM generate_series(1, $1::bigint)"},
    // Arrays side by side in the SELECT list are taken apart row by row; a FROM would first copy
    // each of them into a table of its own.
    {"insert_messages",
     "INSERT INTO messages (room_id, seq, id, author_id, nickname, type, content,"
     "   idempotency_key, created_at)"
     " SELECT unnest($1::bigint[]), unnest($2::bigint[]), unnest($3::bigint[]),"
     "   unnest($4::bigint[]), unnest($5::text[]), unnest($6::bigint[]), unnest($7::text[]),"
     "   unnest($8::text[]), $9::bigint"},
    {"move_rooms",
     "UPDATE rooms SET last_seq = moved.last_seq"
     " FROM unnest($1::bigint[], $2::bigint[]) AS moved (id, last_seq)"
     " WHERE rooms.id = moved.id AND rooms.id = ANY($1)"},
    {"insert_outbox",
     "INSERT INTO outbox (event, room_id, seq, created_at)"
     " SELECT 0, unnest($1::bigint[]), unnest($2::bigint[]), $3::bigint"},
    {"find_row",
     "SELECT id, author_id, created_at, content FROM messages"
     " WHERE room_id = $1::bigint AND seq = $2::bigint"},
};

enum class locked_rooms : std::uint8_t { are_waited_for, are_left };

class postgres_batches final : public batch_connection {
public:
    explicit postgres_batches(storage_options const& options)
        : outbox_(options.outbox),
          commit_limit_(options.statement_timeout),
          session_(connect_postgres(options)),
          pipeline_(postgres_handle(session_->connection())) {
        // Of the joins only move_rooms has a choice: a nested loop over two lists would be square.
        // All rooms of a batch wait for one that is locked, and so not for long.
        session_->execute_script(
            fmt::format("SET enable_nestloop = off; SET lock_timeout = {}",
                        below(options.statement_timeout, lock_patience).count()));
        auto const wait = session_->expect_answer();
        for (auto const& statement : statements) pipeline_.prepare(statement.name, statement.sql);
    }

    void store(batch& work) override {
        // What became of an unanswered commit is known only behind the lock of its room.
        if (work.wait_for_rooms || work.unanswered) {
            try {
                return store(work, locked_rooms::are_waited_for);
            } catch (database_error const& error) {
                if (error.kind() != failure::locked || work.unanswered || !usable_) throw;
            }
        }
        store(work, locked_rooms::are_left);
    }

    void probe() override {
        try {
            session_->take_warning();
            auto const wait = session_->expect_answer();
            pipeline_.send("begin");
            pipeline_.send("takes_writes");
            pipeline_.send("commit");
            pipeline_.flush();
            pipeline_.receive();
            bool const writable = pipeline_.receive().rows() == 1;
            pipeline_.receive();
            pipeline_.finish();
            if (!writable) throw database_error(failure::lost, "the server takes no writes");
        } catch (database_error const& error) {
            give_up(error);
        }
    }

    bool usable() const noexcept override { return usable_; }

private:
    void store(batch& work, locked_rooms how) {
        try {
            attempt(work, how);
        } catch (database_error const& error) {
            give_up(error);
        } catch (...) {
            usable_ = reset();
            throw;
        }
    }

    [[noreturn]] void give_up(database_error const& error) {
        // A server that takes no writes any more answers well enough, and is the wrong one.
        usable_ = error.kind() != failure::lost && reset();
        if (session_->fell_silent()) throw database_error(failure::lost, silent_server);
        throw error;
    }

    bool reset() {
        auto const wait = session_->expect_answer();
        return pipeline_.reset();
    }

    void attempt(batch& work, locked_rooms how) {
        batch_facts facts = ask(work, how);
        if (work.unanswered) {
            if (was_committed(*work.unanswered, work)) {
                end_transaction();
                unanswered_commit found = std::move(*work.unanswered);
                work.unanswered.reset();
                answer(work, found.plan, found.created_at);
                return;
            }
            work.unanswered.reset();
        }

        batch_plan plan = plan_batch(work.messages, facts);
        work.perhaps_stored = stored_before(plan);
        if (plan.rows.empty()) {
            end_transaction();
            answer(work, plan, {});
            return;
        }
        // Nothing was written yet: then there is no doubt about the commit.
        if (session_->hung_up()) throw database_error(failure::lost, server_ended);
        for (std::size_t i = 0; i != plan.rows.size(); ++i) plan.rows[i].id = ids_[i];
        chat::timestamp const created_at = now();
        auto const wait = session_->expect_answer(2);
        send_rows(work, plan, created_at);
        // From here on the server may commit without our hearing of it.
        work.perhaps_stored = stored_by(plan);
        work.unanswered.emplace(unanswered_commit{std::move(plan), std::move(facts), created_at});
        pipeline_.send("commit");
        pipeline_.flush();
        receive_commit(work);
        unanswered_commit done = std::move(*work.unanswered);
        work.unanswered.reset();
        answer(work, done.plan, created_at);
    }

    static void answer(batch& work, batch_plan& plan, chat::timestamp created_at) {
        finish_plan(work.messages, plan, created_at);
        work.outcomes = std::move(plan.outcomes);
        work.held = std::move(plan.held);
    }

    // Begins the transaction, locks the rooms, and reads what the plan needs.
    batch_facts ask(batch const& work, locked_rooms how) {
        auto const& messages = work.messages;
        std::vector<std::uint64_t> rooms;
        std::unordered_map<member_key, bool, key_hash> members;
        std::vector<std::size_t> keyed;
        for (std::size_t i = 0; i != messages.size(); ++i) {
            auto const& message = messages[i];
            rooms.push_back(message.room.value);
            members.emplace(member_key{message.room, message.author}, true);
            if (!message.idempotency_key.empty()) keyed.push_back(i);
        }
        std::sort(rooms.begin(), rooms.end());
        rooms.erase(std::unique(rooms.begin(), rooms.end()), rooms.end());

        array_parameter room_ids(array_parameter::bigint_oid, 12 * rooms.size());
        for (auto const id : rooms) room_ids.add(id);
        array_parameter member_rooms(array_parameter::bigint_oid, 12 * members.size());
        array_parameter member_users(array_parameter::bigint_oid, 12 * members.size());
        for (auto const& [key, unused] : members) {
            member_rooms.add(key.room.value);
            member_users.add(key.user.value);
        }

        session_->take_warning();
        auto const wait = session_->expect_answer();
        pipeline_.send("begin");
        bool const all = how == locked_rooms::are_waited_for;
        pipeline_.send(all ? "lock_rooms" : "lock_free_rooms", {room_ids.finish()});
        if (!all) pipeline_.send("find_rooms", {room_ids.finish()});
        pipeline_.send("find_members", {member_rooms.finish(), member_users.finish()});
        if (!keyed.empty()) send_keys(messages, keyed);
        pipeline_.send("take_ids", {bigint_parameter(messages.size())});
        pipeline_.flush();

        batch_facts facts;
        pipeline_.receive();
        auto const room_rows = pipeline_.receive();
        for (int row = 0; row != room_rows.rows(); ++row) {
            facts.rooms.emplace(chat::room_id{room_rows.number(row, 0)},
                                room_state{room_rows.number(row, 1), room_rows.number(row, 2) != 0,
                                           chat::user_id{room_rows.number(row, 3)},
                                           chat::user_id{room_rows.number(row, 4)}});
        }
        if (!all) {
            auto const existing = pipeline_.receive();
            for (int row = 0; row != existing.rows(); ++row) {
                chat::room_id const id{existing.number(row, 0)};
                if (!facts.rooms.contains(id)) facts.locked_rooms.insert(id);
            }
        }
        auto const member_rows = pipeline_.receive();
        for (int row = 0; row != member_rows.rows(); ++row) {
            facts.members.emplace(member_key{chat::room_id{member_rows.number(row, 0)},
                                             chat::user_id{member_rows.number(row, 1)}},
                                  member_rows.text(row, 2));
        }
        if (!keyed.empty()) receive_earlier(messages, facts);
        auto const id_rows = pipeline_.receive();
        ids_.clear();
        for (int row = 0; row != id_rows.rows(); ++row) ids_.emplace_back(id_rows.number(row, 0));
        pipeline_.finish();
        return facts;
    }

    void send_keys(std::vector<chat::new_message> const& messages,
                   std::vector<std::size_t> const& keyed) {
        array_parameter rooms(array_parameter::bigint_oid, 12 * keyed.size());
        array_parameter authors(array_parameter::bigint_oid, 12 * keyed.size());
        array_parameter keys(array_parameter::text_oid, 44 * keyed.size());
        array_parameter positions(array_parameter::bigint_oid, 12 * keyed.size());
        for (std::size_t const i : keyed) {
            rooms.add(messages[i].room.value);
            authors.add(messages[i].author.value);
            keys.add(messages[i].idempotency_key);
            positions.add(std::uint64_t{i});
        }
        pipeline_.send("find_earlier",
                       {rooms.finish(), authors.finish(), keys.finish(), positions.finish()});
    }

    void receive_earlier(std::vector<chat::new_message> const& messages, batch_facts& facts) {
        auto const found = pipeline_.receive();
        for (int row = 0; row != found.rows(); ++row) {
            auto const& asked = messages[found.number(row, 0)];
            earlier_message earlier;
            earlier.message.id = chat::message_id{found.number(row, 1)};
            earlier.message.room = asked.room;
            earlier.message.seq = found.number(row, 2);
            earlier.message.author = asked.author;
            earlier.message.nickname = found.text(row, 3);
            earlier.message.type = message_type_of(static_cast<std::int64_t>(found.number(row, 4)));
            earlier.message.content = found.text(row, 5);
            earlier.message.created_at =
                time_of_column(static_cast<std::int64_t>(found.number(row, 6)));
            earlier.edited = found.number(row, 7) != 0;
            facts.earlier.emplace(idempotency_key{asked.room, asked.author, asked.idempotency_key},
                                  std::move(earlier));
        }
    }

    // Under the lock of its room: the transaction that would have written the row has ended.
    bool was_committed(unanswered_commit const& asked, batch const& work) {
        planned_row const& row = asked.plan.rows.front();
        chat::new_message const& message = work.messages[row.index];
        auto const wait = session_->expect_answer();
        pipeline_.send("find_row",
                       {bigint_parameter(message.room.value), bigint_parameter(row.seq)});
        pipeline_.flush();
        auto const found = pipeline_.receive();
        pipeline_.finish();
        // A replica that took over without the last transactions may have given the seq and even
        // the id to another message meanwhile.
        return found.rows() == 1 && found.number(0, 0) == row.id.value &&
               found.number(0, 1) == message.author.value &&
               found.number(0, 2) == static_cast<std::uint64_t>(to_column(asked.created_at)) &&
               found.text(0, 3) == message.content;
    }

    void send_rows(batch const& work, batch_plan const& plan, chat::timestamp created_at) {
        std::size_t const count = plan.rows.size();
        std::size_t text = 0;
        for (planned_row const& row : plan.rows) text += work.messages[row.index].content.size();
        using array = array_parameter;
        array rooms(array::bigint_oid, 12 * count);
        array seqs(array::bigint_oid, 12 * count);
        array ids(array::bigint_oid, 12 * count);
        array authors(array::bigint_oid, 12 * count);
        array nicknames(array::text_oid, 24 * count);
        array types(array::bigint_oid, 12 * count);
        array contents(array::text_oid, 4 * count + text);
        array keys(array::text_oid, 44 * count);
        for (planned_row const& row : plan.rows) {
            chat::new_message const& message = work.messages[row.index];
            rooms.add(message.room.value);
            seqs.add(row.seq);
            ids.add(row.id.value);
            authors.add(message.author.value);
            nicknames.add(row.nickname);
            types.add(static_cast<std::uint64_t>(to_column(message.type)));
            contents.add(std::string_view(message.content));
            if (message.idempotency_key.empty()) {
                keys.add_null();
            } else {
                keys.add(std::string_view(message.idempotency_key));
            }
        }
        array moved(array::bigint_oid, 12 * plan.last_seqs.size());
        array last_seqs(array::bigint_oid, 12 * plan.last_seqs.size());
        for (auto const& [room, last_seq] : plan.last_seqs) {
            moved.add(room.value);
            last_seqs.add(last_seq);
        }
        std::string const time =
            bigint_parameter(static_cast<std::uint64_t>(to_column(created_at)));

        pipeline_.send("insert_messages", {rooms.finish(), seqs.finish(), ids.finish(),
                                           authors.finish(), nicknames.finish(), types.finish(),
                                           contents.finish(), keys.finish(), time});
        pipeline_.send("move_rooms", {moved.finish(), last_seqs.finish()});
        if (outbox_) pipeline_.send("insert_outbox", {rooms.finish(), seqs.finish(), time});
    }

    void receive_commit(batch& work) {
        try {
            // The server keeps its answers until it has all of them.
            await_commit(postgres_handle(session_->connection()), commit_limit_);
            pipeline_.receive();
            pipeline_.receive();
            if (outbox_) pipeline_.receive();
            if (pipeline_.receive().command() != "COMMIT") {
                throw database_error(failure::refused, "the batch was rolled back at its commit");
            }
            pipeline_.finish();
            expect_replicated();
        } catch (database_error const& error) {
            // The server said no, so that nothing was stored; only its silence leaves it open.
            if (error.kind() != failure::lost) {
                work.perhaps_stored = stored_before(work.unanswered->plan);
                work.unanswered.reset();
            }
            throw;
        }
    }

    void end_transaction() {
        auto const wait = session_->expect_answer(2);
        pipeline_.send("commit");
        pipeline_.flush();
        await_commit(postgres_handle(session_->connection()), commit_limit_);
        pipeline_.receive();
        pipeline_.finish();
        expect_replicated();
    }

    // Else the next look for the batch, whose locks make it wait for the standby as well, answers.
    void expect_replicated() {
        if (session_->take_warning())
            throw database_error(failure::lost, "the commit did not reach the synchronous standby");
    }

    bool outbox_;
    std::chrono::milliseconds commit_limit_;
    std::unique_ptr<sql_session> session_;
    postgres_pipeline pipeline_;
    std::vector<chat::message_id> ids_;  // taken for the batch under way
    bool usable_ = true;
};

}  // namespace

std::unique_ptr<batch_connection> connect_postgres_batches(storage_options const& options) {
    return std::make_unique<postgres_batches>(options);
}

}  // namespace persistence
