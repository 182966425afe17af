#include "persistence/storage.hpp"
#include "tests/persistence/database.hpp"

#include <unistd.h>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

// A node's storage in a process of its own, for tests that kill it or start several at once.
// usage: storage_child (sqlite|postgresql) LOCATION open
//        storage_child (sqlite|postgresql) LOCATION write NAME ROOM...
// `write` appends to the rooms as user 1 until it is killed, and prints a line "ROOM SEQ ID
// CONTENT" for each message after the listener heard that it is stored.

namespace {

class printer final : public chat::batch_listener {
public:
    void on_batch(std::vector<chat::finished_write> batch) override {
        std::string lines;
        for (auto const& write : batch) {
            if (!write.outcome.stored) continue;
            auto const& message = *write.outcome.stored;
            lines += std::to_string(message.room.value) + ' ' + std::to_string(message.seq) + ' ' +
                     std::to_string(message.id.value) + ' ' + message.content + '\n';
        }
        for (std::size_t written = 0; written != lines.size();) {
            auto const step = write(STDOUT_FILENO, lines.data() + written, lines.size() - written);
            if (step <= 0) _exit(1);
            written += static_cast<std::size_t>(step);
        }
        finished += batch.size();
    }

    std::atomic<std::size_t> finished = 0;
};

void write_for_ever(persistence::storage& in, std::string const& name,
                    std::vector<chat::room_id> const& rooms) {
    printer listener;
    auto const writer = in.start_writer(listener);
    for (std::size_t sent = 0;; ++sent) {
        while (sent - listener.finished > 200) std::this_thread::yield();
        auto const number = std::to_string(sent);
        writer->append({tests::message_of(rooms[sent % rooms.size()], 1, name + '-' + number,
                                          sent % 3 == 0 ? name + number : std::string())});
    }
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc < 4) return 2;
        persistence::storage_options options;
        if (std::strcmp(argv[1], "postgresql") == 0)
            options.kind = persistence::backend::postgresql;
        options.location = argv[2];
        auto const storage = persistence::open_storage(options);
        if (std::strcmp(argv[3], "write") == 0 && argc > 5) {
            std::vector<chat::room_id> rooms;
            for (int i = 5; i != argc; ++i) {
                rooms.emplace_back(std::strtoull(argv[i], nullptr, 10));
            }
            write_for_ever(*storage, argv[4], rooms);
        }
        return 0;
    } catch (std::exception const& error) {
        std::fprintf(stderr, "storage_child: %s\n", error.what());
        return 1;
    }
}
