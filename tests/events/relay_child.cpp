#include "chat/outside/outbox_relay.hpp"
#include "persistence/storage.hpp"
#include "tests/persistence/database.hpp"

#include <unistd.h>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <thread>

// A node that stores messages and relays them, for a test that kills it.
// usage: relay_child (sqlite|postgresql) LOCATION ROOM
// Appends to the room as user 1 until it is killed, and prints the id of each event that was given
// to the world: a line means that the world has it, whether or not the relay hears of that.

namespace {

// How many messages may be stored before one of their events is published: each of two nodes
// publishes what both store, and nobody may be left without something to publish.
constexpr std::uint64_t most_ahead = 3'000;

class printing_world final : public broker::outside {
public:
    void publish(std::vector<broker::outside_event> events,
                 broker::unique_function<void(bool)> done) override {
        ++calls_;
        // Now and then the world does not hear.
        if (calls_ % 5 == 0) return done(false);
        std::string lines;
        for (auto const& event : events) lines += event.id + '\n';
        for (std::size_t written = 0; written != lines.size();) {
            auto const step = write(STDOUT_FILENO, lines.data() + written, lines.size() - written);
            if (step <= 0) _exit(1);
            written += static_cast<std::size_t>(step);
        }
        // Or its answer is lost.
        done(calls_ % 7 != 0);
    }

private:
    std::size_t calls_ = 0;
};

class counting_listener final : public chat::batch_listener {
public:
    explicit counting_listener(chat::outbox_relay& relay) : relay_(relay) {}
    void on_batch(std::vector<chat::finished_write> batch) override {
        finished += batch.size();
        relay_.wake();
    }
    std::atomic<std::size_t> finished = 0;

private:
    chat::outbox_relay& relay_;
};

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc != 4) return 2;
        persistence::storage_options options;
        if (std::strcmp(argv[1], "postgresql") == 0)
            options.kind = persistence::backend::postgresql;
        options.location = argv[2];
        options.outbox = true;
        auto const storage = persistence::open_storage(options);
        chat::room_id const room{std::strtoull(argv[3], nullptr, 10)};

        printing_world world;
        chat::relay_options how;
        how.batch.rows = 50;
        how.lease = std::chrono::milliseconds(300);
        how.poll = std::chrono::milliseconds(100);
        how.shortest_pause = std::chrono::milliseconds(1);
        how.longest_pause = std::chrono::milliseconds(5);
        chat::outbox_relay relay(storage->open_outbox(), world, how);
        counting_listener listener(relay);
        auto const writer = storage->start_writer(listener);
        for (std::uint64_t sent = 0;; ++sent) {
            while (sent - listener.finished > 100) std::this_thread::yield();
            // What is published keeps up with what is stored on a slow machine, too.
            while (sent > most_ahead + relay.counts().published) std::this_thread::yield();
            // What piles up behind a relay that stalls has to be published in the end.
            if (sent % 20 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
            writer->append({tests::message_of(room, 1, "x")});
        }
    } catch (std::exception const& error) {
        std::fprintf(stderr, "relay_child: %s\n", error.what());
        return 1;
    }
}
