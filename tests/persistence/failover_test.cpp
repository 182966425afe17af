#include "tests/persistence/database.hpp"
#include "tests/support/postgres_server.hpp"

#include <doctest/doctest.h>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <set>

// A source and its replica: who answers what, and what happens when either goes.

using namespace tests;
using namespace std::chrono_literals;
using chat::errc;
using chat::unit_of_work;
using steady = std::chrono::steady_clock;

namespace {

struct source_and_replica {
    // A cluster whose replica must have what the source answers for.
    void replicate_synchronously() {
        source.execute("ALTER SYSTEM SET synchronous_standby_names = '*'");
        source.execute("SELECT pg_reload_conf()");
        wait_until([&] {
            return postgres_database(source.connection_string())
                       .number(
                           "SELECT count(*) FROM pg_stat_replication"
                           " WHERE sync_state = 'sync'") == 1;
        });
    }

    persistence::storage_options options() {
        persistence::storage_options options;
        options.kind = persistence::backend::postgresql;
        // The one that takes writes is the second.
        options.location = "host=127.0.0.1,127.0.0.1 port=" + std::to_string(replica.port()) + "," +
                           std::to_string(source.port()) + " user=postgres dbname=postgres";
        options.on_event = [this](persistence::storage_event const& event) {
            std::lock_guard guard(mutex);
            events.emplace_back(event.name);
        };
        return options;
    }
    persistence::storage_options options_with_replica() {
        auto with = options();
        with.replica = replica.connection_string();
        return with;
    }

    std::ptrdiff_t heard(std::string_view event) {
        std::lock_guard guard(mutex);
        return std::count(events.begin(), events.end(), event);
    }

    template <typename Condition>
    static void wait_until(Condition condition) {
        auto const deadline = steady::now() + 30s;
        while (!condition()) {
            REQUIRE(steady::now() < deadline);
            std::this_thread::sleep_for(5ms);
        }
    }

    std::mutex mutex;
    std::vector<std::string> events;
    postgres_server source;
    postgres_server replica{postgres_server::standby_of{source}};
};

// How a user's own look at the room is answered.
std::uint64_t last_seq(persistence::storage& in, chat::room_id room,
                       chat::access how = chat::access::replica_read) {
    auto const found =
        transact(in.store(), how, [&](unit_of_work& unit) { return unit.find_room(room); });
    return found.value().last_seq;
}

// Transactions of ours that the replica has answered.
std::int64_t answered_by(postgres_server const& server) {
    return postgres_database(server.connection_string())
        .number(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE application_name = 'stampede' AND query = 'COMMIT'");
}

// Two nodes that write without pause, each message with a key.
class writing_nodes {
public:
    writing_nodes(persistence::storage_options const& options, int nodes) {
        for (int i = 0; i != nodes; ++i) nodes_.push_back(std::make_unique<node>(options));
        room = make_room(*nodes_[0]->storage, {1});
        for (std::size_t i = 0; i != nodes_.size(); ++i)
            nodes_[i]->thread = std::thread([this, i] { write(i); });
    }
    ~writing_nodes() { stop(); }
    writing_nodes(writing_nodes const&) = delete;
    writing_nodes& operator=(writing_nodes const&) = delete;

    void wait_for_progress(std::size_t more) {
        for (auto& each : nodes_) {
            auto const until = each->answered + more;
            while (each->answered < until) std::this_thread::sleep_for(1ms);
        }
    }

    void stop() {
        enough_ = true;
        for (auto& each : nodes_) {
            if (each->thread.joinable()) each->thread.join();
        }
    }

    persistence::storage& storage() { return *nodes_[0]->storage; }
    std::chrono::milliseconds longest_wait() const {
        std::chrono::milliseconds longest{};
        for (auto const& each : nodes_) longest = std::max(longest, each->longest);
        return longest;
    }

    // After stop(): nothing failed, all that was acknowledged is there once, and a retry of each
    // finds it.
    void check() {
        CHECK(gapless(storage(), room));
        std::set<std::string> contents;
        std::set<std::pair<std::uint64_t, std::uint64_t>> stored;
        for (auto const& message : history(storage(), room)) {
            CHECK_MESSAGE(contents.insert(message.content).second, message.content);
            stored.emplace(message.seq, message.id.value);
        }
        std::size_t missing = 0;
        std::size_t count = 0;
        for (auto& each : nodes_) {
            CHECK(each->failed == 0);
            for (auto const& message : each->acknowledged) {
                missing += stored.contains({message.seq, message.id.value}) ? 0 : 1;
                ++count;
            }
            writer_probe again(*each->storage);
            for (auto const& message : each->acknowledged) {
                again.append(message_of(room, 1, message.content, message.content));
            }
            for (auto const& outcome : again.outcomes()) CHECK(outcome.repeated);
        }
        CHECK(missing == 0);
        CHECK(count == stored.size());
        MESSAGE(count, " acknowledged; the longest wait was ", longest_wait().count(), " ms");
    }

    chat::room_id room;

private:
    struct node {
        explicit node(persistence::storage_options const& options)
            : storage(open_storage(options)) {}

        std::unique_ptr<persistence::storage> storage;
        std::vector<chat::stored_message> acknowledged;
        std::size_t failed = 0;
        std::chrono::milliseconds longest{};
        std::atomic<std::size_t> answered = 0;
        std::thread thread;
    };

    // Eight at a time.
    void write(std::size_t number) {
        node& self = *nodes_[number];
        writer_probe probe(*self.storage);
        std::size_t seen = 0;
        for (std::size_t sent = 0; !enough_;) {
            auto const begun = steady::now();
            for (int i = 0; i != 8; ++i) {
                auto const text = std::to_string(number) + "-" + std::to_string(sent++);
                probe.append(message_of(room, 1, text, text));
            }
            auto const outcomes = probe.outcomes();
            self.longest = std::max(
                self.longest,
                std::chrono::duration_cast<std::chrono::milliseconds>(steady::now() - begun));
            for (; seen != outcomes.size(); ++seen) {
                if (outcomes[seen].stored) {
                    self.acknowledged.push_back(*outcomes[seen].stored);
                } else {
                    ++self.failed;
                }
            }
            self.answered = seen;
        }
    }

    std::vector<std::unique_ptr<node>> nodes_;
    std::atomic<bool> enough_ = false;
};

}  // namespace

TEST_CASE_FIXTURE(source_and_replica, "a replica answers what it has, and nothing else") {
    auto const node = open_storage(options_with_replica());
    auto const other_node = open_storage(options());
    auto const room = make_room(*node, {1});
    CHECK(last_seq(*node, room) == 0);
    wait_until([&] { return last_seq(*node, room) == 0 && answered_by(replica) != 0; });

    // What anybody has written is read back at once, while the replica follows.
    writer_probe probe(*node);
    writer_probe other(*other_node);
    for (std::uint64_t seq = 1; seq != 100; ++seq) {
        REQUIRE(ok((seq % 2 == 0 ? probe : other).store(message_of(room, 1, "x")).stored));
        REQUIRE(last_seq(*node, room) == seq);
    }

    // And while it does not.
    replica.execute("SELECT pg_wal_replay_pause()");
    REQUIRE(ok(other.store(message_of(room, 1, "x")).stored));
    CHECK(last_seq(*node, room) == 100);
    CHECK(heard("replica_lost") != 0);
    CHECK(postgres_database(replica.connection_string()).number("SELECT last_seq FROM rooms") <
          100);

    replica.execute("SELECT pg_wal_replay_resume()");
    wait_until([&] {
        return last_seq(*node, room) == 100 && heard("replica_back") == heard("replica_lost");
    });
}

TEST_CASE_FIXTURE(source_and_replica, "without its replica a node reads at the source") {
    auto const node = open_storage(options_with_replica());
    auto const room = make_room(*node, {1});
    wait_until([&] { return last_seq(*node, room) == 0 && answered_by(replica) != 0; });
    replica.stop(postgres_server::how::crash);
    for (int i = 0; i != 20; ++i) CHECK(last_seq(*node, room) == 0);
    CHECK(heard("replica_lost") != 0);
    CHECK(heard("job_failed") == 0);

    replica.start();
    wait_until([&] {
        return last_seq(*node, room) == 0 && heard("replica_back") == heard("replica_lost");
    });
    auto const lost = heard("replica_lost");

    // A replica that became a source of its own is none any more.
    replica.execute("SELECT pg_promote()");
    replica.execute("UPDATE rooms SET last_seq = 17");
    CHECK(last_seq(*node, room) == 0);
    CHECK(heard("replica_lost") > lost);
}

TEST_CASE_FIXTURE(source_and_replica, "a replica takes over under load, and nothing is lost") {
    replicate_synchronously();
    writing_nodes nodes(options(), 2);
    nodes.wait_for_progress(400);
    source.stop(postgres_server::how::crash);
    auto const gone = steady::now();
    replica.execute("SELECT pg_promote()");
    auto const promoted = steady::now();
    nodes.wait_for_progress(1);
    auto const resumed = steady::now();
    nodes.wait_for_progress(400);
    nodes.stop();
    nodes.check();
    auto const ms = [](auto time) {
        return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
    };
    MESSAGE("promoted after ", ms(promoted - gone), " ms, both nodes wrote ",
            ms(resumed - promoted), " ms later");
    CHECK(nodes.longest_wait() < 10s);
    // A transaction, and a read that anybody may answer.
    CHECK(make_room(nodes.storage(), {2}).value > nodes.room.value);
}

TEST_CASE_FIXTURE(source_and_replica, "a source that was closed for a switch-over is left") {
    replicate_synchronously();
    auto const reader = open_storage(options_with_replica());
    writing_nodes nodes(options(), 2);
    CHECK(last_seq(*reader, nodes.room, chat::access::read_only) < 1'000'000);
    nodes.wait_for_progress(200);
    source.execute("ALTER SYSTEM SET default_transaction_read_only = on");
    source.execute("SELECT pg_reload_conf()");
    replica.execute("SELECT pg_promote()");
    nodes.wait_for_progress(200);
    nodes.stop();
    nodes.check();

    // A connection that only reads has left it as well.
    auto const now_at = last_seq(nodes.storage(), nodes.room, chat::access::read_only);
    CHECK(postgres_database(source.connection_string()).number("SELECT last_seq FROM rooms") <
          static_cast<std::int64_t>(now_at));
    CHECK(last_seq(*reader, nodes.room, chat::access::read_only) == now_at);
    CHECK(last_seq(*reader, nodes.room) == now_at);
}

TEST_CASE_FIXTURE(source_and_replica, "what a synchronous replica lacks is not acknowledged") {
    // Long enough to set out, too short to wait for the replica.
    auto impatient = options();
    impatient.statement_timeout = 200ms;
    impatient.wait_timeout = 1s;
    auto const node = open_storage(impatient);
    auto const patient = open_storage(options());
    auto const room = make_room(*patient, {1});
    writer_probe probe(*node);
    auto const before = in_time(
        impatient, [&] { return probe.store(message_of(room, 1, "before", "k0")).stored; },
        ok<chat::stored_message>);
    REQUIRE(ok(before));
    replicate_synchronously();
    replica.stop(postgres_server::how::crash);

    // Where the machine stops for as long as the patience, nothing has set out, and there is no
    // doubt; then it is tried again.
    auto const sent_in_vain = [&] {
        auto const outcome = probe.store(message_of(room, 1, "x", "k1"));
        REQUIRE_FALSE(ok(outcome.stored));
        return outcome.stored.error() == errc::store_in_doubt;
    };
    wait_until([&] {
        if (sent_in_vain()) return true;
        REQUIRE(history(*patient, room).size() == 1);
        return false;
    });
    wait_until([&] {
        auto const joined = write(*node, [&](unit_of_work& unit) {
            return unit.add_member(room, chat::user_id{2}, "two", chat::member_role::member);
        });
        REQUIRE_FALSE(ok(joined));
        return joined.error() == errc::store_in_doubt;
    });
    // Its retry is no way round.
    wait_until(sent_in_vain);

    replica.start();
    chat::write_outcome outcome{errc::store_unavailable, false};
    wait_until([&] {
        outcome = probe.store(message_of(room, 1, "x", "k1"));
        return outcome.stored.has_value();
    });
    CHECK(outcome.stored->seq == 2);
    CHECK(history(*patient, room).size() == 2);
}
