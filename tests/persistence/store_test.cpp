#include "tests/persistence/database.hpp"

#include <doctest/doctest.h>
#include <atomic>
#include <functional>
#include <stdexcept>

using namespace tests;
using chat::errc;
using chat::unit_of_work;

namespace {

// Holds a database thread until it is let go.
class gate {
public:
    void open() {
        std::lock_guard guard(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    void pass() {
        std::unique_lock guard(mutex_);
        ++waiting_;
        changed_.notify_all();
        changed_.wait(guard, [&] { return open_; });
    }
    void wait_for_waiting(int count) {
        std::unique_lock guard(mutex_);
        changed_.wait(guard, [&] { return waiting_ >= count; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
    int waiting_ = 0;
};

std::int64_t rooms(sqlite_database const& in) {
    return in.number("SELECT count(*) FROM rooms");
}
std::int64_t rooms(postgres_database const& in) {
    return in.number("SELECT count(*) FROM rooms");
}

}  // namespace

TEST_CASE_TEMPLATE("what the work refuses or breaks leaves nothing behind", Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());

    auto const refused = write(*storage, [](unit_of_work& unit) -> chat::result<bool> {
        auto const room = unit.create_room({}).value();
        unit.add_member(room.id, chat::user_id{1}, "a", chat::member_role::owner).value();
        unit.append(message_of(room.id, 1, "x")).value();
        unit.remember_user(chat::user_id{1}, "a");
        return errc::forbidden;
    });
    CHECK(refused.error() == errc::forbidden);

    auto const thrown = write(*storage, [](unit_of_work& unit) -> chat::result<bool> {
        unit.create_room({}).value();
        throw std::runtime_error("a fault in the work");
    });
    CHECK(thrown.error() == errc::store_unavailable);

    CHECK(rooms(database) == 0);
    CHECK(database.number("SELECT count(*) FROM room_members") == 0);
    CHECK(database.number("SELECT count(*) FROM messages") == 0);
    CHECK(database.number("SELECT count(*) FROM users") == 0);
    // And the connections are as good as before.
    make_room(*storage, {1});
    CHECK(rooms(database) == 1);
}

TEST_CASE_TEMPLATE("a transaction sees its own effects and others see them after the commit",
                   Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    gate hold;
    std::promise<boost::system::error_code> done;
    storage->store().run(
        chat::access::read_write,
        [&](unit_of_work& unit) {
            auto const room = unit.create_room({}).value();
            CHECK(ok(unit.find_room(room.id)));
            CHECK(unit.any_room());
            hold.pass();
            return true;
        },
        [&](boost::system::error_code error) { done.set_value(error); });
    hold.wait_for_waiting(1);
    CHECK(rooms(database) == 0);
    auto const meanwhile =
        read(*storage, [](unit_of_work& unit) -> chat::result<bool> { return unit.any_room(); });
    CHECK_FALSE(meanwhile.value());
    hold.open();
    CHECK_FALSE(done.get_future().get());
    CHECK(rooms(database) == 1);
}

TEST_CASE_TEMPLATE("a reading transaction sees one state of the data", Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    auto const room = make_room(*storage, {1});
    gate hold;
    std::promise<std::pair<std::uint64_t, std::uint64_t>> seen;
    storage->store().run(
        chat::access::read_only,
        [&](unit_of_work& unit) {
            auto const before = unit.find_room(room).value().last_seq;
            hold.pass();
            auto const after = unit.find_room(room).value().last_seq;
            seen.set_value({before, after});
            return true;
        },
        [](boost::system::error_code) {});
    hold.wait_for_waiting(1);
    write(*storage, [&](unit_of_work& unit) {
        return unit.append(message_of(room, 1, "x"));
    }).value();
    hold.open();
    CHECK(seen.get_future().get() == std::pair<std::uint64_t, std::uint64_t>{0, 0});
}

TEST_CASE_TEMPLATE("a reading transaction cannot write", Database, BOTH) {
    Database database;
    auto options = database.options();
    options.wait_timeout = std::chrono::milliseconds(300);
    auto const storage = open_storage(options);
    auto const try_it = [&] {
        return read(*storage, [](unit_of_work& unit) { return unit.create_room({}); });
    };
    auto made = try_it();
    while (made.error() == errc::store_busy) made = try_it();  // its time was over before its turn
    CHECK(made.error() == errc::store_unavailable);
    CHECK(rooms(database) == 0);
}

TEST_CASE_TEMPLATE("over the bound of waiting jobs a job is refused at once", Database, BOTH) {
    Database database;
    auto options = database.options();
    options.threads = 1;
    options.waiting_jobs = 2;
    auto const storage = open_storage(options);
    gate hold;
    std::atomic<int> busy = 0;
    std::atomic<int> done = 0;
    auto const run = [&] {
        storage->store().run(
            chat::access::read_only,
            [&](unit_of_work&) {
                hold.pass();
                return true;
            },
            [&](boost::system::error_code error) {
                if (error == errc::store_busy) ++busy;
                if (!error) ++done;
            });
    };
    run();
    hold.wait_for_waiting(1);
    for (int i = 0; i != 4; ++i) run();
    CHECK(busy == 2);
    hold.open();
    // Reading jobs are served in their order: after this one the others are done.
    while (read(*storage, [](unit_of_work& unit) -> chat::result<bool> {
               return unit.any_room();
           }).has_error()) {
    }
    CHECK(done == 3);
}

TEST_CASE_TEMPLATE("a job that waited too long is refused", Database, BOTH) {
    Database database;
    auto options = database.options();
    options.threads = 1;
    options.wait_timeout = std::chrono::milliseconds(20);
    auto const storage = open_storage(options);
    gate hold;
    // Until one does not wait too long itself.
    std::function<void()> const occupy = [&] {
        storage->store().run(
            chat::access::read_only,
            [&](unit_of_work&) {
                hold.pass();
                return true;
            },
            [&](boost::system::error_code error) {
                if (error == errc::store_busy) occupy();
            });
    };
    occupy();
    hold.wait_for_waiting(1);
    std::promise<boost::system::error_code> answer;
    storage->store().run(
        chat::access::read_only, [](unit_of_work&) { return true; },
        [&](boost::system::error_code error) { answer.set_value(error); });
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
    hold.open();
    CHECK(answer.get_future().get() == errc::store_busy);
}

TEST_CASE_TEMPLATE("a job may have less patience than the store", Database, BOTH) {
    Database database;
    auto options = database.options();
    options.threads = 1;
    options.wait_timeout = std::chrono::hours(1);
    auto const storage = open_storage(options);
    gate hold;
    storage->store().run(
        chat::access::read_only,
        [&](unit_of_work&) {
            hold.pass();
            return true;
        },
        [](boost::system::error_code) {});
    hold.wait_for_waiting(1);
    std::promise<boost::system::error_code> answer;
    storage->store().run(
        chat::access::read_only, [](unit_of_work&) { return true; },
        [&](boost::system::error_code error) { answer.set_value(error); },
        std::chrono::milliseconds(0));
    hold.open();
    CHECK(answer.get_future().get() == errc::store_busy);
}

TEST_CASE("a transaction that stands still does not keep its room") {
    postgres_database database;
    auto const frozen = open_storage(database.options());
    auto const node = open_storage(database.options());
    auto const room = make_room(*node, {1});
    gate hold;
    std::promise<boost::system::error_code> told;
    frozen->store().run(
        chat::access::read_write,
        [&](unit_of_work& unit) {
            unit.append(message_of(room, 1, "late")).value();
            hold.pass();
            return true;
        },
        [&](boost::system::error_code failed) { told.set_value(failed); });
    hold.wait_for_waiting(1);
    writer_probe probe(*node);
    CHECK(ok(probe.store(message_of(room, 1, "early")).stored));
    // It finds its transaction ended and runs again, with nothing in doubt.
    hold.open();
    CHECK_FALSE(told.get_future().get());
    auto const found = history(*node, room);
    REQUIRE(found.size() == 2);
    CHECK(found[0].content == "early");
    CHECK(found[1].content == "late");
    CHECK(gapless(*node, room));
}

TEST_CASE_TEMPLATE("what waits when the storage is closed is still done", Database, BOTH) {
    Database database;
    std::atomic<int> done = 0;
    {
        auto const storage = open_storage(database.options());
        for (int i = 0; i != 50; ++i) {
            storage->store().run(
                chat::access::read_write,
                [](unit_of_work& unit) { return unit.create_room({}).has_value(); },
                [&](boost::system::error_code error) { done += error ? 0 : 1; });
        }
    }
    CHECK(done == 50);
    CHECK(rooms(database) == 50);
}

TEST_CASE("transactions that lock rooms crosswise all succeed in the end") {
    postgres_database database;
    auto options = database.options();
    options.threads = 4;
    auto const storage = open_storage(options);
    auto const a = make_room(*storage, {1});
    auto const b = make_room(*storage, {1});
    std::vector<std::thread> threads;
    for (int i = 0; i != 4; ++i) {
        threads.emplace_back([&, i] {
            for (int turn = 0; turn != 5; ++turn) {
                write(*storage, [&](unit_of_work& unit) -> chat::result<bool> {
                    auto const first = i % 2 == 0 ? a : b;
                    auto const second = i % 2 == 0 ? b : a;
                    unit.append(message_of(first, 1, "x")).value();
                    unit.append(message_of(second, 1, "x")).value();
                    return true;
                }).value();
            }
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(gapless(*storage, a));
    CHECK(gapless(*storage, b));
    CHECK(history(*storage, a).size() == 20);
}
